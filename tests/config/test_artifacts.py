"""Packages: the same files give the same bytes, only what belongs in goes in, unchanged files are not read again."""

from __future__ import annotations

import hashlib
import os
import zipfile
from pathlib import Path

import pytest

from stateroom.commands.plan_files import write_plan
from stateroom.config.document.user_files import LARGEST_PACKAGE
from stateroom.config.packaging.artifacts import package, prebuilt
from stateroom.errors import ConfigError
from stateroom.model.resource import Artifact
from tests.config.bench import FUNCTION, HEAD, Bench
from tests.presentation.test_saved_plans import saved


def fill(root: Path, **files: str) -> Path:
    for name, text in files.items():
        path = root / name.replace("__", "/").replace("_dot_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def names(artifact: Artifact) -> list[str]:
    with zipfile.ZipFile(artifact.path) as archive:
        return archive.namelist()


def test_the_same_files_give_the_same_bytes_anywhere(tmp_path: Path) -> None:
    first = fill(tmp_path / "one", app_dot_py="x = 1", lib__b_dot_py="", lib__a_dot_py="")
    second = fill(tmp_path / "two", lib__a_dot_py="", lib__b_dot_py="", app_dot_py="x = 1")
    os.utime(second / "app.py", (1, 1))
    (second / "app.py").chmod(0o600)
    one, two = package(first, (), tmp_path / "b1"), package(second, (), tmp_path / "b2")
    assert one.sha256 == two.sha256
    assert one.path.read_bytes() == two.path.read_bytes()
    assert one.path.name == f"{one.sha256}.zip"
    assert one.size == one.path.stat().st_size
    assert names(one) == ["app.py", "lib/a.py", "lib/b.py"]


def test_another_content_gives_another_package(tmp_path: Path) -> None:
    root = fill(tmp_path / "root", app_dot_py="x = 1")
    before = package(root, (), tmp_path / "build")
    (root / "app.py").write_text("x = 2")
    assert package(root, (), tmp_path / "build").sha256 != before.sha256


def test_what_does_not_belong_stays_out(tmp_path: Path) -> None:
    root = tmp_path / "root"
    kept = ["app.py", "node_modules/lib/index.js", "serverless.py", "data/.hidden"]
    dropped = [
        ".env",
        ".env.dev",
        "serverless.yml",
        "serverless-compose.yml",
        "x/__pycache__/a.pyc",
        "b.pyc",
        ".git/config",
        ".serverless/x",
        ".stateroom/y",
        "node_modules/.cache/z",
        "build/old.zip",
    ]
    for name in kept + dropped:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    assert names(package(root, (), root / "build")) == sorted(kept)


def test_a_saved_plan_in_the_services_directory_is_no_part_of_its_package(tmp_path: Path) -> None:
    """Its file would change the package that the plan was made for, and be sent along with the code."""
    root = fill(tmp_path / "root", app_dot_py="x = 1", report="text")
    (root / "report").chmod(0o600)
    before = package(root, (), tmp_path / "build")
    write_plan(root / "plan.out", saved())
    assert names(package(root, ("plan.out",), tmp_path / "build")) == ["app.py", "report"]
    assert package(root, (), tmp_path / "build").sha256 == before.sha256


@pytest.mark.parametrize(
    ("patterns", "left"),
    [
        (["!docs/**"], ["app.py", "lib/a.py"]),
        (["!**", "lib/**"], ["lib/a.py"]),
        (["!**/*.md"], ["app.py", "lib/a.py"]),
        (["!./docs/*"], ["app.py", "docs/deep/b.md", "lib/a.py"]),
        (["!**", "app.py", ".env"], [".env", "app.py"]),
    ],
)
def test_patterns_include_and_exclude_and_the_last_one_wins(
    tmp_path: Path, patterns: list[str], left: list[str]
) -> None:
    root = tmp_path / "root"
    for name in ("app.py", "lib/a.py", "docs/a.md", "docs/deep/b.md", ".env"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    assert names(package(root, patterns, tmp_path / "build")) == left


def test_unchanged_files_are_not_packed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = fill(tmp_path / "root", app_dot_py="x = 1")
    first = package(root, (), tmp_path / "build")
    monkeypatch.setattr(zipfile, "ZipFile", None)  # packing would fail
    assert package(root, (), tmp_path / "build") == first


def test_a_lost_or_cut_off_package_is_made_again(tmp_path: Path) -> None:
    root = fill(tmp_path / "root", app_dot_py="x = 1")
    first = package(root, (), tmp_path / "build")
    first.path.write_bytes(b"cut")
    assert package(root, (), tmp_path / "build") == first
    assert names(first) == ["app.py"]
    first.path.unlink()
    assert package(root, (), tmp_path / "build").path.exists()


def test_a_damaged_package_is_made_again(tmp_path: Path) -> None:
    """Case `damaged-cached-package`: one byte flipped, the length and even the time as they were."""
    root = fill(tmp_path / "root", app_dot_py="x = 1")
    first = package(root, (), tmp_path / "build")
    whole, stat = first.path.read_bytes(), first.path.stat()
    first.path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    os.utime(first.path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert package(root, (), tmp_path / "build") == first
    assert first.path.read_bytes() == whole


def test_a_package_that_was_only_touched_is_not_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = fill(tmp_path / "root", app_dot_py="x = 1")
    first = package(root, (), tmp_path / "build")
    os.utime(first.path)
    monkeypatch.setattr(zipfile, "ZipFile", None)  # packing would fail
    assert package(root, (), tmp_path / "build") == first
    monkeypatch.setattr(hashlib, "file_digest", None)  # neither is it read again
    assert package(root, (), tmp_path / "build") == first


def test_the_note_of_an_older_stateroom_is_no_error(tmp_path: Path) -> None:
    root = fill(tmp_path / "root", app_dot_py="x = 1")
    first = package(root, (), tmp_path / "build")
    note = next((tmp_path / "build").glob("*.fingerprint"))
    for text in (f"{first.sha256} {first.size}", "", "three words here", "\0"):
        note.write_text(text)
        assert package(root, (), tmp_path / "build") == first


def test_a_damaged_copy_of_the_users_own_package_is_made_again(tmp_path: Path) -> None:
    own = tmp_path / "own.zip"
    own.write_bytes(b"PK")
    artifact = prebuilt(own, tmp_path / "build")
    artifact.path.write_bytes(b"KP")
    assert prebuilt(own, tmp_path / "build").path.read_bytes() == b"PK"


def test_no_half_written_file_is_left(tmp_path: Path) -> None:
    build = tmp_path / "build"
    package(fill(tmp_path / "root", app_dot_py="x = 1"), (), build)
    assert {path.suffix for path in build.iterdir()} == {".zip", ".fingerprint"}


def test_a_package_of_the_users_own_is_taken_as_it_is(tmp_path: Path) -> None:
    own = tmp_path / "own.zip"
    own.write_bytes(b"PK")
    artifact = prebuilt(own, tmp_path / "build")
    assert artifact.path.read_bytes() == b"PK"
    with pytest.raises(ConfigError, match="cannot be read"):
        prebuilt(tmp_path / "missing.zip", tmp_path / "build")


def test_a_services_functions_share_one_package(bench: Bench) -> None:
    template = bench.compile(HEAD + FUNCTION + "  other: {handler: app.other}\n")
    codes = {str(template.resources[f"{name}LambdaFunction"].properties["Code"]) for name in ("Create", "Other")}
    assert len(codes) == len(template.artifacts) == 1


def test_a_prebuilt_package_that_never_ends_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.zip")
    (tmp_path / "zero.zip").symlink_to("/dev/zero")
    with (tmp_path / "large.zip").open("wb") as file:
        file.truncate(LARGEST_PACKAGE + 1)
    for name, why in (("pipe", "not a regular file"), ("zero", "not a regular file"), ("large", "larger than")):
        with pytest.raises(ConfigError) as caught:
            prebuilt(tmp_path / f"{name}.zip", tmp_path / "build")
        assert why in caught.value.why


def written(root: Path, *files: str) -> Path:
    for name in files:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    return root


@pytest.mark.parametrize(
    ("patterns", "left"),
    [
        (["!./**", "./../src/handlers/g.py"], ["src/handlers/g.py"]),
        (["!**", "../src/**"], ["src/README.md", "src/handlers/g.py"]),
        (["!**", "../src/**", "!../src/*.md"], ["src/handlers/g.py"]),
        (["!**", "../src/**/*.{py,js}"], ["src/handlers/g.py"]),
        (["!**", "../../**/g.py"], ["repository/src/handlers/g.py"]),
        (["!**", "../nothing/**", "../nothing.py"], []),
    ],
)
def test_patterns_that_go_up_take_in_files_beside_the_service_without_the_dots(
    tmp_path: Path, patterns: list[str], left: list[str]
) -> None:
    """The archiver of the framework takes leading `../` off names (case `parent-pattern`)."""
    root = tmp_path / "repository" / "sls"
    written(tmp_path / "repository", "src/handlers/g.py", "src/README.md", "sls/app.py")
    assert names(package(root, patterns, tmp_path / "build")) == left


def test_links_to_directories_are_followed_except_where_they_lead_back_or_into_the_system(tmp_path: Path) -> None:
    root = written(tmp_path / "root", "app.py")
    written(tmp_path / "shared", "lib/a.py")
    (root / "shared").symlink_to(tmp_path / "shared")
    (root / "round").symlink_to(root)
    (tmp_path / "shared" / "up").symlink_to(tmp_path / "shared")
    (root / "me").symlink_to("/proc/self")
    (root / "lost").symlink_to(tmp_path / "nowhere")

    assert names(package(root, (), tmp_path / "build")) == ["app.py", "shared/lib/a.py"]


def test_a_link_to_the_root_of_the_disk_is_no_endless_walk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stateroom.config.packaging.package_files._MOST_ELSEWHERE", 50)
    root = written(tmp_path / "root", "app.py")
    written(tmp_path / "much", *(f"{number}.txt" for number in range(51)))
    (root / "much").symlink_to(tmp_path / "much")

    with pytest.raises(ConfigError, match="cannot be packaged") as caught:
        package(root, ("!**",), tmp_path / "build")

    assert "more than 50 files" in caught.value.why
