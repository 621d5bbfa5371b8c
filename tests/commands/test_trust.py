"""`stateroom trust`, and the question before a deploy: it shows what would run, and asks again after a change."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from stateroom.cli import main
from stateroom.commands.environment import ProcessEnvironment
from stateroom.engine.requests import Request
from stateroom.errors import TrustError
from stateroom.model.plan import Operation
from stateroom.programs.access import ProgramUse
from stateroom.programs.known import PIP
from tests.commands.fake import FakeCockpit, Process, Run, Stream
from tests.commands.hostile import git
from tests.config.test_python_requirements import HOST, wheel
from tests.support.emulators import Emulator

CONFIG = """\
service: shop
provider: {{name: aws, region: eu-west-1, runtime: {runtime}}}
plugins: [serverless-python-requirements]
functions: {{hello: {{handler: hello.handler, memorySize: {memory}}}}}
"""


class Machine:
    """A user's machine with a project on it; pip sees a directory of wheels."""

    def __init__(self, directory: Path, endpoint_url: str = "http://127.0.0.1:1") -> None:
        self.directory, self.endpoint_url = directory, endpoint_url
        self.project, self.wheels = directory / "shop", directory / "wheels"
        for made in (self.project, self.wheels):
            made.mkdir(parents=True)
        wheel(self.wheels, "soap")
        (self.project / "hello.py").write_text("def handler(event, context):\n    return 1\n")
        for name in ("types", "random", "pip", "logging"):  # of an honest project
            (self.project / f"{name}.py").write_text("raise SystemExit('this is not for pip')\n")
        self.write()
        self.require("soap==1.0\n")

    def write(self, memory: int = 128) -> None:
        (self.project / "serverless.yml").write_text(CONFIG.format(runtime=HOST, memory=memory))

    def require(self, text: str) -> None:
        (self.project / "requirements.txt").write_text(text)

    def library(self) -> Path:
        """Make a library in the project that notes when it is built."""
        built = self.directory / "BUILT"
        (self.project / "lib").mkdir()
        (self.project / "lib" / "lib.py").write_text("x = 1\n")
        (self.project / "lib" / "backend.py").write_text(
            f"import pathlib\npathlib.Path({str(built)!r}).touch()\n"
            "def build_wheel(directory, config_settings=None, metadata_directory=None):\n"
            "    import zipfile\n"
            "    with zipfile.ZipFile(f'{directory}/lib-1-py3-none-any.whl', 'w') as it:\n"
            "        it.write('lib.py')\n"
            "        it.writestr('lib-1.dist-info/METADATA', 'Metadata-Version: 2.1\\nName: lib\\nVersion: 1\\n')\n"
            "        it.writestr('lib-1.dist-info/WHEEL', "
            "'Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')\n"
            "        it.writestr('lib-1.dist-info/RECORD', '')\n"
            "    return 'lib-1-py3-none-any.whl'\n"
        )
        (self.project / "lib" / "pyproject.toml").write_text(
            '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
        )
        self.require("./lib\n")
        return built

    def __call__(self, *arguments: str, answers: str | None = None, **variables: str) -> Run:
        out, err = Stream(terminal=answers is not None), Stream(terminal=answers is not None)
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.directory),
            "TERM": "dumb",
            "NO_COLOR": "1",
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(self.wheels),
            "PIP_CONFIG_FILE": "/dev/null",
            "STATEROOM_HOME": str(self.directory / "states"),
            **variables,
        }
        given = Stream(answers or "", terminal=answers is not None)
        host = ProcessEnvironment(out=out, err=err, input=given, environment=environment)
        line = [*arguments, "--endpoint-url", self.endpoint_url, "-C", str(self.project)]
        return Run(main(line, host), out.getvalue(), err.getvalue(), [], [])

    def forget(self) -> None:
        """Empty the cache of packages."""
        shutil.rmtree(self.directory / ".cache")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path / "machine")


@pytest.fixture
def deploying(tmp_path: Path, moto: Emulator) -> Machine:
    return Machine(tmp_path / "machine", moto.endpoint_url)


def rows(run: Run) -> dict[str, Any]:
    return {row["logical_id"]: row for row in run.document["out_of_step"]}


def test_it_shows_asks_and_remembers(machine: Machine) -> None:
    asked = machine("trust", answers="n\n")
    assert asked.code == 1
    assert (
        "pip would install requirements.txt of shop\n  as these files say: serverless.yml, requirements.txt"
        in asked.out
    )
    assert "Nothing was allowed." in asked.out
    assert machine("trust", "--list").out == "No directory is trusted.\n"
    assert machine("trust", answers="y\n").code == 0
    assert machine("trust", "--json").document == {
        "path": str(machine.project),
        "answer": "trusted",
        "wants": [
            {
                "program": "pip",
                "purpose": "install requirements.txt of shop",
                "files": ["serverless.yml", "requirements.txt"],
            }
        ],
    }
    machine.require("soap\n")
    assert "asks again: requirements.txt changed" in machine("trust", "--list").out
    (listed,) = machine("trust", "--list", "--json").document["directories"]
    assert (listed["path"], listed["changed"]) == (str(machine.project), ["requirements.txt"])
    assert "requirements.txt has changed since pip was allowed" in machine("status", "--offline").out
    assert machine("trust", "--revoke").code == 0
    assert machine("trust", "--revoke").code == 64


def test_nobody_to_ask_is_no_and_yes_is_a_yes_to_what_is_shown(machine: Machine) -> None:
    assert machine("trust").code == 1
    assert machine("trust", "--yes").code == 0
    assert machine("trust", "--list").out.startswith(str(machine.project))


@pytest.mark.emulator
def test_what_cannot_be_opened_without_a_program_asks_for_the_rest_afterwards(machine: Machine) -> None:
    text = CONFIG.format(runtime=HOST, memory=128).replace("eu-west-1", "'${self:custom.${git:isDirty}}'")
    (machine.project / "serverless.yml").write_text(f"{text}custom: {{'true': eu-west-1, 'false': eu-west-1}}\n")
    git(machine.project, "init", "-q")
    git(machine.project, "-c", "user.name=A", "-c", "user.email=a@x", "commit", "-q", "--allow-empty", "-m", "one")
    asked = machine("trust", answers="y\ny\n")
    assert asked.code == 0, asked.err
    first, _, second = asked.out.partition("Programs run outside")
    assert ("git would" in first, "pip would" in first) == (True, False)
    assert "pip would" in second
    assert machine("trust", "--list").out.split("  ")[1] == "git, pip"
    assert machine("compile").code == 0


def test_a_project_that_wants_nothing_is_told_so(machine: Machine) -> None:
    text = CONFIG.format(runtime=HOST, memory=128).replace("plugins:", "x-plugins:")
    (machine.project / "serverless.yml").write_text(text)
    run = machine("trust")
    assert (run.code, run.out) == (0, f"Nothing in {machine.project} wants a program started.\n")
    assert not (machine.directory / ".local").exists()


@pytest.mark.emulator
def test_a_deploy_asks_first_and_yes_does_not_answer_that(deploying: Machine) -> None:
    refused = deploying("deploy", "--yes")
    assert refused.code == 1
    assert f"`stateroom trust` allows pip to run for {deploying.project}" in refused.err
    assert deploying("deploy", answers="n\n").code == 1
    asked = deploying("deploy", answers="y\ny\n")
    assert asked.code == 0, asked.err
    assert "pip would install requirements.txt of shop" in asked.out
    deploying.write(memory=256)
    again = deploying("deploy", answers="y\n")
    assert (again.code, "pip would" in again.out) == (0, False), "nothing has to be installed for that change"


@pytest.mark.emulator
@pytest.mark.parametrize("how", ["option", "variable"])
def test_ci_says_so_beforehand(deploying: Machine, how: str) -> None:
    more = {"STATEROOM_TRUST": str(deploying.directory)} if how == "variable" else {}
    run = deploying("deploy", "--yes", *(["--trust"] if how == "option" else []), **more)
    assert run.code == 0, run.err
    assert deploying("trust", "--list").out == "No directory is trusted.\n"
    assert deploying("status", STATEROOM_TRUST=".").code == 64


@pytest.mark.emulator
def test_what_is_not_built_is_unknown_and_never_a_change(deploying: Machine) -> None:
    """Code that cannot be hashed is `?`, all else of the service compares (case `status-runs-pip-py`)."""
    assert deploying("deploy", "--yes", "--trust").code == 0
    assert deploying("status", "--exit-code").code == 0, "the package is in the cache"
    deploying.forget()
    run = deploying("status", "--exit-code", "--json")
    assert run.code == 1, "not everything could be compared"
    assert run.document["different"] is False
    found = rows(run)
    assert {name.partition("Version")[0] for name in found} == {"HelloLambdaFunction", "HelloLambda"}
    assert {row["status"] for row in found.values()} == {"? "}
    assert all("not built: `stateroom trust` allows pip" in row["verdict"] for row in found.values())
    assert "the code of shop is not built, so not compared" in deploying("deploy", "--dry-run").out
    deploying.write(memory=256)
    found = rows(deploying("status", "--json"))
    assert found["HelloLambdaFunction"]["status"] == "~ "
    assert [item["name"] for item in found["HelloLambdaFunction"]["attributes"]] == ["MemorySize"]
    plan = deploying("deploy", "--dry-run", "--json").lines[0]["plan"]
    assert any(
        "whether that code changes, and a new version of it, is not in this plan" in text for text in plan["warnings"]
    )
    (step,) = [step for service in plan["services"] for step in service["steps"]]
    assert (step["action"], step["logical_id"]) == ("update", "HelloLambdaFunction")


@pytest.mark.emulator
def test_a_trusted_reader_takes_wheels_and_only_a_deploy_builds(deploying: Machine) -> None:
    built = deploying.library()
    assert deploying("trust", "--yes").code == 0
    seen = deploying("status", "--json")
    assert "./lib is built from source, which `stateroom deploy` does" in seen.out
    assert deploying("deploy", "--dry-run").code == 0
    assert not built.exists()
    run = deploying("deploy", "--yes")
    assert run.code == 0, run.err
    assert built.exists()
    assert deploying("status", "--exit-code").code == 0, "what was built is used by readers"


@pytest.mark.emulator
def test_offline_installs_nothing(deploying: Machine) -> None:
    assert deploying("trust", "--yes").code == 0
    assert "`stateroom diff` installs it" in deploying("status", "--offline").out
    assert not (deploying.directory / ".cache" / "stateroom" / "packages" / "python").exists()
    assert deploying("status").code == 0
    assert "not built" not in deploying("status", "--offline").out


@pytest.mark.emulator
def test_a_damaged_package_is_made_again_and_not_used(deploying: Machine) -> None:
    assert deploying("deploy", "--yes", "--trust").code == 0
    (soap,) = (deploying.directory / ".cache" / "stateroom" / "packages" / "python").glob("*/files/soap.py")
    soap.write_text("raise SystemExit\n")
    assert "not built" in deploying("status", "--offline").out
    assert deploying("trust", "--yes").code == 0
    assert deploying("status", "--exit-code").code == 0
    assert "raise" not in soap.read_text()


class Wanting(FakeCockpit):
    """A cockpit whose plan wants pip until that is allowed."""

    allowed: tuple[ProgramUse, ...] = ()

    def plan(self, request: Request, *more: Any) -> Any:
        if not self.allowed:
            self.requests.append(request)
            raise TrustError("requirements.txt is not installed", todo="`stateroom trust` allows it")
        return super().plan(request, *more)

    def untrusted_programs(self) -> tuple[ProgramUse, ...]:
        return (ProgramUse(PIP, "install requirements.txt of orders", (Path("/shop/requirements.txt"),)),)

    def trust_programs(self, uses: tuple[ProgramUse, ...]) -> None:
        self.allowed = uses


def test_the_question_names_program_purpose_and_files() -> None:
    process = Process(Wanting(), terminal=True, answers="y\n")
    run = process("deploy")
    assert run.code == 0, run.err
    assert "pip would install requirements.txt of orders\n  as these files say: requirements.txt\n" in run.out
    assert "Allow this for /shop? [y/N]" in run.out + run.err
    assert isinstance(process.cockpit, Wanting)
    assert process.cockpit.allowed == process.cockpit.untrusted_programs()


@pytest.mark.parametrize(("terminal", "answers"), [(True, "\n"), (True, "no\n"), (False, "")])
def test_everything_but_a_yes_is_a_no(terminal: bool, answers: str) -> None:
    process = Process(Wanting(), terminal=terminal, answers=answers)
    run = process("deploy", "--yes")
    assert run.code == 1
    assert "`stateroom trust` allows it" in run.err
    assert process.cockpit.requests == [Request(Operation.DEPLOY)]


def test_a_dry_run_is_planned_as_one() -> None:
    process = Process()
    process("deploy", "--dry-run")
    process("deploy", "--yes")
    assert [request.dry_run for request in process.cockpit.requests] == [True, False]
