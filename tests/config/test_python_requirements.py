"""serverless-python-requirements: what is required is in the package, installed once for each change, or a clear no."""

from __future__ import annotations

import base64
import hashlib
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from stateroom.config.compiler import compile_service
from stateroom.config.packaging import pip
from stateroom.config.packaging.requirements_file import requirement_lines, requirements_digest
from stateroom.errors import TrustError
from stateroom.model.resource import Template
from stateroom.programs.access import ProgramAccess
from tests.config.bench import FUNCTION, Bench, properties

HOST = f"python3.{sys.version_info[1]}"
OTHER = "python3.13" if sys.version_info[1] != 13 else "python3.12"
HEAD = f"""
service: shop
provider: {{name: aws, runtime: {HOST}}}
plugins: [serverless-python-requirements]
"""


def wheel(directory: Path, name: str, *, needs: str = "", tag: str = "py3-none-any", command: bool = False) -> None:
    """A wheel of one module, made by hand."""
    info = f"{name}-1.0.dist-info"
    files = {
        f"{name}.py": f"NAME = {name!r}\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
        + (f"Requires-Dist: {needs}\n" if needs else ""),
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: hand\nRoot-Is-Purelib: true\nTag: {tag}\n",
    }
    if command:
        files[f"{info}/entry_points.txt"] = f"[console_scripts]\n{name}={name}:main\n"
    rows = [
        f"{path},sha256={base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b'=').decode()},{len(text)}"
        for path, text in files.items()
    ]
    files[f"{info}/RECORD"] = "\n".join([*rows, f"{info}/RECORD,,", ""])
    with zipfile.ZipFile(directory / f"{name}-1.0-{tag}.whl", "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)


@pytest.fixture
def shop(bench: Bench, tmp_path: Path) -> Bench:
    """A project beside a directory of wheels, which is all that pip may see."""
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    wheel(wheels, "soap", needs="bubble")
    wheel(wheels, "bubble", command=True)
    wheel(wheels, "boto3")
    bench.environment |= {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheels), "PIP_CONFIG_FILE": "/dev/null"}
    bench.write("requirements.txt", "soap==1.0  # for washing\n")
    return bench


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands that were run, as they run."""
    seen: list[list[str]] = []

    class Watched(subprocess.Popen[bytes]):
        def __init__(self, command: list[str], **more: Any) -> None:
            seen.append(command)
            super().__init__(command, **more)

    monkeypatch.setattr(subprocess, "Popen", Watched)
    return seen


def names(template: Template, logical_id: str = "CreateLambdaFunction", key: str = "Code") -> list[str]:
    artifact = template.artifacts[properties(template, logical_id)[key]["ArtifactSha256"]]
    with zipfile.ZipFile(artifact.path) as archive:
        return archive.namelist()


def custom(text: str, functions: str = FUNCTION) -> str:
    return f"{HEAD}\ncustom:\n  pythonRequirements: {text}\n{functions}"


@pytest.mark.emulator
def test_requirements_and_what_they_need_are_in_the_package_and_no_warning_is_left(shop: Bench) -> None:
    template = shop.compile(HEAD + FUNCTION)
    found = names(template)
    assert {"app.py", "soap.py", "bubble.py"} <= set(found)
    assert not any("bin/" in name for name in found), "commands begin with this machine's Python"
    assert template.warnings == ()


@pytest.mark.emulator
def test_another_machine_makes_the_same_bytes(shop: Bench, tmp_path: Path) -> None:
    first = shop.compile(HEAD + FUNCTION)
    other = Bench(tmp_path / "elsewhere", shop.environment)
    other.root.mkdir()
    other.write("requirements.txt", "# the same\nsoap==1.0\n")
    other.write("app.py", (shop.root / "app.py").read_text())
    other.write("requirements.txt", (shop.root / "requirements.txt").read_text())
    assert other.compile(HEAD + FUNCTION).artifacts.keys() == first.artifacts.keys()


@pytest.mark.emulator
def test_pip_runs_once_for_each_change(shop: Bench, runs: list[list[str]]) -> None:
    two = FUNCTION + "  wash: {handler: app.create}\n"
    for _ in range(3):
        shop.compile(HEAD + two)
    assert len(runs) == 1
    shop.write("requirements.txt", "bubble\n")
    assert "soap.py" not in names(shop.compile(HEAD + two))
    assert len(runs) == 2
    shop.write("requirements.txt", "soap==1.0\n")
    assert "soap.py" in names(shop.compile(HEAD + two))
    assert len(runs) == 2, "a comment less is no other requirement"


@pytest.mark.parametrize("line", ["./local", "./local[fast]", "local/ ; python_version > '3'", "-c local/lib.py"])
def test_a_local_library_or_constraint_that_changes_is_a_change(tmp_path: Path, line: str) -> None:
    (tmp_path / "local").mkdir()
    (tmp_path / "local" / "lib.py").write_text("one")
    before = requirements_digest([line], tmp_path)
    (tmp_path / "local" / ".cache").mkdir()
    (tmp_path / "local" / ".cache" / "x").touch()
    assert requirements_digest([line], tmp_path) == before, "what tools leave behind is no change"
    (tmp_path / "local" / "lib.py").write_text("three")
    assert requirements_digest([line], tmp_path) != before


@pytest.mark.emulator
def test_a_failed_install_is_told_and_leaves_nothing_behind(shop: Bench) -> None:
    shop.write("requirements.txt", "soap==2.0\n")
    error = shop.refused(HEAD + FUNCTION)
    assert error.what == "Python requirements cannot be installed"
    assert "soap==2.0" in error.why
    assert error.todo
    assert error.where is not None
    assert error.where.file.name == "requirements.txt"
    assert not list((shop.root / ".stateroom" / "build" / "python").iterdir())


@pytest.mark.emulator
def test_an_index_that_cannot_be_reached_is_told_without_its_password(shop: Bench) -> None:
    shop.environment = {"PIP_CONFIG_FILE": "/dev/null", "PIP_RETRIES": "1"}
    shop.write("requirements.txt", "--index-url http://ana:hunter2@127.0.0.1:1/simple\nsoap\n")
    error = shop.refused(HEAD + FUNCTION)
    assert error.why == "pip cannot reach its index"
    assert "hunter2" not in str(error)


@pytest.mark.emulator
def test_a_python_that_is_gone_or_has_no_pip_is_told(
    shop: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = tmp_path / "python"
    monkeypatch.setattr(sys, "executable", str(python))
    gone = shop.refused(HEAD + FUNCTION)
    assert (gone.what, gone.why) == (
        "Python requirements cannot be installed",
        f"{python}: No such file or directory",
    )
    python.write_text("#!/bin/sh\necho $0: No module named pip >&2\nexit 1\n")
    python.chmod(0o755)
    assert shop.refused(HEAD + FUNCTION).todo == "install it: python -m ensurepip"


@pytest.mark.emulator
def test_passwords_of_an_index_never_stand_in_the_process_list(shop: Bench, runs: list[list[str]]) -> None:
    given = "{pipCmdExtraArgs: ['--extra-index-url http://ana:hunter2@127.0.0.1:1/simple']}"
    shop.compile(custom(given))
    assert not any("hunter2" in word for command in runs for word in command)


@pytest.mark.emulator
def test_wheels_of_lambda_are_taken_for_another_python_or_machine(shop: Bench, tmp_path: Path) -> None:
    wheel(tmp_path / "wheels", "native", tag=f"cp{OTHER[6:].replace('.', '')}-abi3-manylinux_2_28_aarch64")
    shop.write("requirements.txt", "native\n")
    head = HEAD.replace(HOST, f"{OTHER}, architecture: arm64")
    assert "native.py" in names(shop.compile(head + FUNCTION))
    error = shop.refused(head.replace("arm64", "x86_64") + FUNCTION)
    assert OTHER[6:] in error.todo


def test_the_like_of_lambda_needs_no_other_wheels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr("platform.libc_ver", lambda: ("glibc", "2.34"))
    monkeypatch.setattr("platform.machine", lambda: "aarch64")
    assert pip.cross_arguments(HOST, "arm64") == []
    assert "manylinux2014_x86_64" in pip.cross_arguments(HOST, "x86_64")
    assert "manylinux_2_28_aarch64" not in pip.cross_arguments("python3.9", "arm64"), "Amazon Linux 2 is older"


@pytest.mark.emulator
def test_a_function_of_another_kind_gets_none(shop: Bench) -> None:
    shop.write("web.js", "")
    template = shop.compile(HEAD + FUNCTION + "  web: {handler: web.run, runtime: nodejs20.x}\n")
    assert "soap.py" not in names(template, "WebLambdaFunction")


@pytest.mark.emulator
def test_modules_have_requirements_and_a_root_of_their_own(shop: Bench) -> None:
    for module, requirement in (("one", "soap"), ("two", "bubble")):
        shop.write(f"{module}/index.py", "def run(event, context): ...\n")
        shop.write(f"{module}/requirements.txt", requirement)
    functions = """
package: {individually: true}
functions:
  one: {handler: index.run, module: one}
  two: {handler: index.run, module: ./two/}
"""
    template = shop.compile(HEAD + functions)
    assert {"index.py", "soap.py"} <= set(names(template, "OneLambdaFunction"))
    assert set(names(template, "TwoLambdaFunction")) >= {"index.py", "bubble.py"}
    assert not {"soap.py", "app.py", "one/index.py"} & set(names(template, "TwoLambdaFunction"))


def test_module_without_the_plugin_is_an_unknown_key(shop: Bench) -> None:
    functions = "functions: {one: {handler: app.create, module: one}}"
    (warning,) = shop.compile(HEAD.replace("plugins:", "custom:") + functions).warnings
    assert "functions.one.module is ignored: unknown key" in warning


@pytest.mark.emulator
def test_what_is_not_to_be_deployed_stays_out_even_when_another_brings_it(shop: Bench) -> None:
    shop.write("requirements.txt", "soap\nBoto3>=1\n")
    assert {"boto3.py", "bubble.py"} <= set(names(shop.compile(HEAD + FUNCTION)))
    found = names(shop.compile(custom("{noDeploy: [boto3, Bubble]}")))
    assert "soap.py" in found
    assert not [name for name in found if name.startswith(("boto3", "bubble"))]


@pytest.mark.emulator
def test_slim_leaves_out_what_does_not_run(shop: Bench) -> None:
    assert any(".dist-info" in name for name in names(shop.compile(HEAD + FUNCTION)))
    found = names(shop.compile(custom("{slim: true, slimPatterns: ['**/bub*'], strip: false}")))
    assert found == ["app.py", "requirements.txt", "soap.py"]
    own = names(shop.compile(custom("{slim: true, slimPatterns: ['**/bub*.py'], slimPatternsAppendDefaults: false}")))
    assert "soap-1.0.dist-info/METADATA" in own


@pytest.mark.emulator
@pytest.mark.parametrize("pattern", ["../*", "/etc/*", "a/../../b", "**x"])
def test_slim_patterns_stay_inside(shop: Bench, pattern: str) -> None:
    assert "slimPatterns" in shop.refused(custom(f"{{slim: true, slimPatterns: ['{pattern}']}}")).what


@pytest.mark.emulator
def test_a_layer_holds_them_instead(shop: Bench) -> None:
    template = shop.compile(custom("{layer: {description: ours, allowedAccounts: ['*']}}"))
    layer = properties(template, "PythonRequirementsLambdaLayer")
    assert (layer["LayerName"], layer["Description"]) == ("shop-dev-python-requirements", "ours")
    assert layer["CompatibleRuntimes"] == [HOST]
    assert "python/soap.py" in names(template, "PythonRequirementsLambdaLayer", "Content")
    assert "soap.py" not in names(template)


@pytest.mark.emulator
def test_vendored_libraries_come_last(shop: Bench) -> None:
    shop.write("vendor/soap.py", "NAME = 'ours'\n")
    template = shop.compile(custom("{vendor: ./vendor}"))
    artifact = template.artifacts[properties(template, "CreateLambdaFunction")["Code"]["ArtifactSha256"]]
    with zipfile.ZipFile(artifact.path) as archive:
        assert b"ours" in archive.read("soap.py")


@pytest.mark.emulator
@pytest.mark.parametrize(
    ("given", "file", "key"),
    [
        ("{zip: true}", None, "zip"),
        ("{dockerFile: Dockerfile}", None, "dockerFile"),
        ("{fileNam: x}", None, "fileNam"),
        ("{vendor: nowhere}", None, "vendor"),
        ("{}", ("Pipfile", "[packages]"), "usePipenv"),
        ("{}", ("pyproject.toml", "[tool.poetry]"), "usePoetry"),
    ],
)
def test_what_is_not_done_is_refused(shop: Bench, given: str, file: tuple[str, str] | None, key: str) -> None:
    if file:
        shop.write(*file)
    error = shop.refused(custom(given))
    assert key in error.what
    assert error.todo


@pytest.mark.emulator
def test_a_lock_file_that_is_switched_off_does_not_matter(shop: Bench) -> None:
    shop.write("Pipfile", "[packages]")
    assert "soap.py" in names(shop.compile(custom("{usePipenv: false, zip: false, dockerizePip: non-linux}")))


def test_without_a_requirements_file_there_is_a_word_about_it(shop: Bench) -> None:
    template = shop.compile(custom("{fileName: deploy.txt}"))
    assert template.warnings == ("deploy.txt is not there: no Python requirements are installed",)


@pytest.mark.parametrize("name", ["../none.txt", "/none.txt", '"a\\0b"', "pyproject.toml"])
def test_a_strange_file_name_is_no_traceback(shop: Bench, name: str) -> None:
    if name == "pyproject.toml":
        (shop.root / "pyproject.toml").write_bytes(b"\xff\xfe")
        assert "pyproject.toml cannot be read" in shop.refused(custom(f"{{fileName: {name}}}")).what
    else:
        assert len(shop.compile(custom(f"{{fileName: {name}}}")).warnings) == 1


def test_included_files_constraints_and_editables_are_read_as_pip_reads_them(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "base.txt").write_text(
        "-r ../main.txt\n-c pins.txt\nwater[hot] >= 1 \\\n  ; python_version > '3'\n"
    )
    (tmp_path / "deep" / "pins.txt").write_text("water==2\n")
    (tmp_path / "main.txt").write_text(
        "\ufeff--no-index\n-e ./lib\n-rdeep/base.txt\n# no\nBoto3==1 #no\nurl @ http://x/#y\n"
    )
    assert requirement_lines(tmp_path / "main.txt", ["boto3"]) == [
        "--no-index",
        f"-c {tmp_path.resolve() / 'deep' / 'pins.txt'}",
        "./lib",
        "url @ http://x/#y",
        "water[hot] >= 1    ; python_version > '3'",
    ]


def test_what_is_built_from_a_projects_files_is_that_projects_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One project cannot fill the cache of another (case `status-runs-pip-py`); what an index has is shared."""
    installed: list[list[str]] = []

    def install(lines: list[str], target: Path, *_arguments: object, **_more: object) -> None:
        installed.append(lines)
        target.mkdir()

    monkeypatch.setattr(pip, "install", install)
    for name in ("mine", "theirs"):
        project = Bench(tmp_path / name)
        for file, text in {"lib/lib.py": "x = 1", "lib/setup.py": "", "requirements.txt": "./lib\n"}.items():
            project.write(file, text)
        monkeypatch.setattr(Bench, "settings", _in_one_cache(Bench.settings, tmp_path))
        project.compile(HEAD + FUNCTION)
        project.write("requirements.txt", "soap\n")
        project.compile(HEAD + FUNCTION)
    assert installed == [[f"{tmp_path}/mine/lib"], ["soap"], [f"{tmp_path}/theirs/lib"]]


def _in_one_cache(settings: Any, cache: Path) -> Any:
    return lambda bench, stage=None: replace(settings(bench, stage), build_dir=cache / "cache")


def test_nothing_is_installed_that_is_not_allowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pip, "install", lambda *_arguments, **_more: pytest.fail("pip ran"))
    bench = Bench(tmp_path)
    bench.write("requirements.txt", "soap\n")
    bench.write("serverless.yml", HEAD + FUNCTION)
    bench.write("app.py", "")
    denied = replace(bench.settings(), programs=ProgramAccess(tmp_path, lambda _use: "`stateroom trust` allows it"))
    with pytest.raises(TrustError) as caught:
        compile_service(bench.open(), "shop", denied)
    assert caught.value.todo == "`stateroom trust` allows it"
    template = compile_service(bench.open(), "shop", replace(denied, sources=False))
    assert template.not_built == "not built: `stateroom trust` allows it"
    assert properties(template, "CreateLambdaFunction")["Code"] == {"ArtifactSha256": "not-built"}
    (version,) = template.placeholders
    assert template.resources[version].type == "AWS::Lambda::Version"
    (use,) = denied.programs.wanted
    assert [file.name for file in use.files] == ["serverless.yml", "requirements.txt"]
