"""What a reader may install: wheels alone. And what the cache of installs is made of."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from stateroom.config.packaging.install_cache import cached, install_once, origin
from stateroom.config.packaging.requirements_file import (
    absolute_lines,
    named_files,
    requirement_files,
    requirement_lines,
    requirements_digest,
)
from stateroom.config.packaging.wheels import needs_building


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "setup.py").write_text("")
    (tmp_path / "soap-1-py3-none-any.whl").write_text("")
    (tmp_path / "soap-1.tar.gz").write_text("")
    (tmp_path / "soap").mkdir()
    (tmp_path / "pins.txt").write_text("soap==1  # fine\nwater<2 ; python_version > '3'\n")
    (tmp_path / "evil-pins.txt").write_text("soap @ file:./lib\n")
    return tmp_path


@pytest.mark.parametrize(
    "line",
    [
        "soap",
        "soap==1.0 --hash=sha256:abc --hash=sha256:def",
        "soap[bubbles, foam] >= 1, < 2 ; python_version > '3'",
        "soap (>=1)",
        "./soap-1-py3-none-any.whl",
        "soap-1-py3-none-any.whl",
        "soap @ https://host/soap-1-py3-none-any.whl#sha256=abc",
        "https://host/soap-1-py3-none-any.whl ; python_version > '3'",
        "--index-url http://index/simple",
        "-i http://index/simple",
        "--extra-index-url=http://index/simple",
        "--no-index",
        "--pre",
        "-c {root}/pins.txt",
    ],
)
def test_what_comes_as_a_wheel(root: Path, line: str) -> None:
    assert needs_building([line.format(root=root)], [], root) == ""


@pytest.mark.parametrize(
    "line",
    [
        "./lib",
        "lib/",
        "./lib[fast] ; python_version > '3'",
        ".",
        "./soap-1.tar.gz",
        "soap-1.tar.gz",
        "file:///lib",
        "soap @ file:///lib",
        "soap @ git+https://host/soap",
        "git+ssh://host/soap",
        "https://host/soap.zip",
        "soap @ https://host/soap-1.tar.gz",
        "https://host/soap.tar.gz#x.whl",
        "--no-binary :all:",
        "--no-binary=soap",
        "--requirement https://host/more.txt",
        "-r https://host/more.txt",
        "--config-settings x=y",
        "soap --config-settings=x=y",
        "soap --global-option=x",
        "--unknown",
        "-e ./lib",
        "-c {root}/evil-pins.txt",
        "-c https://host/pins.txt",
        "-c nowhere.txt",
        "https://host/soap-1-py3-none-any.whl;soap.tar.gz",
        "https://host/soap-1-py3-none-any.whl soap.tar.gz",
        "soap @ https://host/soap-1-py3-none-any.whl;soap.tar.gz",
        "soap ; python_version > '3'\x0b./lib",
        "soap ; python_version > '3'\u2028soap @ https://host/soap.tar.gz",
        "https://host/soap-1-py3-none-any.whl#x\x0c-e ./lib",
    ],
)
def test_what_runs_code_to_be_built(root: Path, line: str) -> None:
    line = line.format(root=root)
    assert needs_building(["soap", line], [], root) == line


@pytest.mark.parametrize("argument", ["-e", "./lib", "--python", "--no-binary=:all:", "--target=/x", "--log", "-r"])
def test_other_arguments_of_the_user_wait_for_a_deploy(root: Path, argument: str) -> None:
    assert needs_building(["soap"], ["--no-deps", "--pre", argument], root) == argument


def test_pip_runs_elsewhere_and_finds_what_is_here(root: Path) -> None:
    lines = [
        "./lib[x] ; python_version > '3'",
        "soap",
        "-c pins.txt",
        "--find-links=./lib",
        "soap-1.tar.gz",
        "-i ./lib",
    ]
    assert absolute_lines(lines, root) == [
        f"{root}/lib[x] ; python_version > '3'",
        "soap",
        "-c pins.txt",
        f"--find-links={root}/lib",
        f"{root}/soap-1.tar.gz",
        "-i ./lib",
    ]


def test_files_that_decide_are_those_that_are_read(root: Path) -> None:
    (root / "requirements.txt").write_text("-r more.txt\n./lib\n")
    (root / "more.txt").write_text("-c ./pins.txt\n-r requirements.txt\n")
    assert requirement_files(root / "requirements.txt") == (root / "requirements.txt", root / "more.txt")
    assert named_files(["./lib", f"-c {root}/pins.txt"], root) == (root / "lib" / "setup.py", root / "pins.txt")


def test_an_entry_is_used_while_it_is_what_was_installed(tmp_path: Path) -> None:
    def install(target: Path) -> None:
        target.mkdir()
        (target / "soap.py").write_text("x = 1\n")

    entry = tmp_path / "python" / "digest"
    assert cached(entry) is None
    files = install_once(entry, install, lambda: False)
    assert files == entry / "files" == cached(entry)
    content = (files / "soap.py").read_bytes()
    (files / "soap.py").unlink()
    (files / "soap.py").write_bytes(content)
    assert cached(entry) == files, "another time of the same bytes, as from a cache of CI"
    (files / "more.py").touch()
    assert cached(entry) is None
    (files / "more.py").unlink()
    (files / "soap.py").write_text("x = 2\n")
    assert cached(entry) is None
    (files / "soap.py").unlink()
    (files / "soap.py").symlink_to(tmp_path / "elsewhere")
    assert cached(entry) is None
    assert install_once(entry, install, lambda: False) == files, "it is made again"
    assert (files / "soap.py").read_bytes() == content


def test_the_place_of_packages_and_this_python_are_part_of_what_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = origin({})
    assert origin({"PIP_INDEX_URL": "http://a"}) != plain
    settings = tmp_path / "pip.conf"
    settings.write_text("[global]\nindex-url = http://a\n")
    first = origin({"PIP_CONFIG_FILE": str(settings)})
    settings.write_text("[global]\nindex-url = http://b\n")
    assert origin({"PIP_CONFIG_FILE": str(settings)}) != first
    assert origin({"AWS_REGION": "x", "PIP_TIMEOUT": "3"}) == plain
    monkeypatch.setattr("platform.machine", lambda: "pdp11")
    assert origin({}) != plain


@pytest.mark.parametrize("end", ["\x0b", "\x0c", "\x1e", "\x85", "\u2028"])
def test_lines_end_where_pip_ends_them(root: Path, end: str) -> None:
    (root / "requirements.txt").write_text(f"soap ; python_version > '3'{end}./lib\n")
    assert requirement_lines(root / "requirements.txt", ()) == ["./lib", "soap ; python_version > '3'"]


@pytest.mark.parametrize("name", ["build", ".hidden"])
def test_what_builds_a_library_is_of_its_files_wherever_it_is(root: Path, name: str) -> None:
    """A change of it asks for trust again, and installs again."""
    backend = root / "lib" / name / "in" / "backend.py"
    backend.parent.mkdir(parents=True)
    backend.write_text("")
    (root / "lib" / "__pycache__").mkdir()
    (root / "lib" / "__pycache__" / "x.py").write_text("")
    assert named_files(["./lib"], root) == (root / "lib" / "setup.py",)
    project = root / "lib" / "pyproject.toml"
    project.write_text(f'[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["{name}/in"]\n')
    assert set(named_files(["./lib"], root)) == {root / "lib" / "setup.py", project, backend}
    before = requirements_digest(["./lib"], root)
    backend.write_text("import os")
    assert requirements_digest(["./lib"], root) != before


def test_linked_directories_of_a_library_are_of_its_files(root: Path) -> None:
    (root / "elsewhere").mkdir()
    (root / "elsewhere" / "backend.py").write_text("")
    (root / "lib" / "linked").symlink_to(root / "elsewhere")
    (root / "lib" / "back").symlink_to(root / "lib")
    assert named_files(["./lib"], root) == (root / "lib" / "setup.py", root / "lib" / "linked" / "backend.py")


def test_pipes_and_devices_are_not_waited_for(root: Path) -> None:
    os.mkfifo(root / "pipe.txt")
    (root / "zero.txt").symlink_to("/dev/zero")
    for name in ("pipe.txt", "zero.txt"):
        assert needs_building([f"-c {root / name}"], [], root) == f"-c {root / name}"
