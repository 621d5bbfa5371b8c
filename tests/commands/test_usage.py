"""Help, wrong usage, and what is said when something goes wrong that nobody planned for."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from stateroom import __version__
from stateroom.commands import COMMANDS
from stateroom.commands.failures import scrub
from stateroom.commands.termination import Terminated
from stateroom.errors import StateroomError
from stateroom.model.plan import Action, Step
from stateroom.ui.workers.passphrase_prompt import PassphrasePrompt
from tests.commands.fake import FakeCockpit, Process, Stream

CREATE = Step("orders/Fn", "orders", "Fn", "AWS::Lambda::Function", Action.CREATE)


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert Process()("--help").code == 0
    shown = capsys.readouterr().out
    for name, text in COMMANDS.items():
        assert re.search(rf"^  {name} +{re.escape(text)}$", shown, re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_and_takes_the_global_options(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert Process()(command, "--help").code == 0
    shown = capsys.readouterr().out
    assert shown.startswith(f"usage: stateroom {command}")
    assert "--stage" in shown
    assert "--endpoint-url" in shown
    assert len([line for line in shown.splitlines() if line and not line.startswith((" ", "usage"))]) >= 3


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert Process()("--version").code == 0
    assert capsys.readouterr().out == f"stateroom {__version__}\n"


@pytest.mark.emulator
@pytest.mark.parametrize("argument", ["--help", "--version"])
def test_help_and_version_load_next_to_nothing(argument: str) -> None:
    code = (
        "import sys; from stateroom.cli import main; main(sys.argv[1:]);"
        "heavy = ('textual', 'boto3', 'yaml', 'dataclasses', 'json', 'pathlib', 'difflib');"
        "print([name for name in heavy if name in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code, argument], capture_output=True, text=True, check=True).stdout
    assert shown.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("deplyo", "did you mean deploy?"),
        ("deploy --refrsh", "did you mean --refresh?"),
        ("--stge dev", "did you mean --stage?"),
        ("deploy --stage", "expected one argument"),
        ("refresh now", "takes no argument 'now'"),
        ("deploy missing.plan", "cannot read the plan missing.plan"),
        ("deploy --on-failure explode", "invalid choice"),
        ("rollback", "VERSION"),
        ("rollback latest", "VERSION"),
        ("rollback 0", "VERSION"),
        ("accept", "ADDRESS"),
        ("status --service odrers", "did you mean orders?"),
        ("status --param KEY", "--param takes NAME=VALUE"),
        ("status --project /does/not/exist", "there is no directory"),
        ("--json", "--json goes with a command"),
    ],
)
def test_wrong_usage_exits_64_with_a_way_out(line: str, says: str) -> None:
    run = Process(terminal=True)(*line.split())
    assert run.code == 64
    assert says in run.err


def test_a_mistyped_option_does_not_repeat_its_value() -> None:
    run = Process()("deploy", "--parm=KEY=s3cret", "--json")
    assert run.code == 64
    assert "s3cret" not in run.out + run.err
    assert run.document["error"]["type"] == "UsageError"


def test_global_options_stand_before_or_after_the_command(tmp_path: Path) -> None:
    options = [f"--project={tmp_path}", "--region", "eu-west-1", "-s", "status", "--param", "A=1=2", "--service", "a,b"]
    expected = {
        "path": tmp_path,
        "region": "eu-west-1",
        "stage": "status",
        "params": {"A": "1=2"},
        "services": ("a", "b"),
        "read_only": False,
        "prompt": None,
        "offer": None,
    }
    for line in ([*options, "deploy", "--yes"], ["deploy", "--yes", *options]):
        (settings,) = Process()(*line).settings
        assert {name: settings[name] for name in expected} == expected


def test_every_setting_is_a_field_of_the_workspace_options() -> None:
    from stateroom.engine.options import WorkspaceOptions

    (settings,) = Process()("deploy").settings
    WorkspaceOptions(**{name: value for name, value in settings.items() if name != "path"})


@pytest.mark.parametrize(("stop", "code"), [(KeyboardInterrupt, 130), (Terminated, 143)])
def test_a_stop_that_python_turned_into_an_error_is_a_stop(stop: type[BaseException], code: int) -> None:
    """As __set_name__ does up to Python 3.11, when a signal comes while a class is made."""
    error = RuntimeError("Error calling __set_name__")
    error.__cause__ = stop()
    run = Process(FakeCockpit(steps=(CREATE,), failure=error))("deploy", "--yes")
    assert (run.code, run.err.splitlines()[-1]) == (code, "stopped")


def test_a_bug_is_one_line_and_its_traceback_is_kept_without_secrets(tmp_path: Path) -> None:
    token = "Zm9vYmFyYmF6cXV4Zm9vYmFy"
    environment = {"XDG_STATE_HOME": str(tmp_path), "NO_COLOR": "1", "API_TOKEN": "t0ps3cret"}
    bug = RuntimeError(f"t0ps3cret {token} in the message")
    run = Process(FakeCockpit(steps=(CREATE,), failure=bug), environment=environment)("deploy", "--yes", "--json")
    assert run.code == 1
    assert "RuntimeError: this is a bug in stateroom" in run.err
    assert "Traceback" not in run.err
    assert run.lines[-1]["error"]["type"] == "RuntimeError"
    (saved,) = (tmp_path / "stateroom").iterdir()
    assert str(saved) in run.err
    assert saved.stat().st_mode & 0o077 == 0
    text = saved.read_text()
    assert "RuntimeError: *** *** in the message" in text
    assert "raise self.failure" in text
    assert token not in text + run.err + run.out
    assert "t0ps3cret" not in text + run.err + run.out


def test_scrubbing_leaves_what_helps() -> None:
    text = "  File \"/x/stateroom/engine/a_module_with_a_rather_long_name.py\", line 3\nKeyError: 'MemorySize'\n"
    assert scrub(text, {"PATH": "/x/stateroom"}) == text


class Closed(Stream):
    """A pipe whose reader has gone."""

    def write(self, text: str) -> int:
        raise BrokenPipeError


def test_a_closed_pipe_is_no_error() -> None:
    run = Process(out=Closed())("status")
    assert run.code == 141
    assert run.err == ""


def test_a_pipe_that_closes_before_an_error_is_told_is_no_accident() -> None:
    run = Process(FakeCockpit(error=StateroomError("refused")), out=Closed())("plan", "--json")
    assert run.code == 141
    assert run.err.splitlines()[-1] == "stateroom: refused"


@pytest.mark.emulator
@pytest.mark.parametrize("argument", ["--help", "--version"])
def test_a_reader_that_has_gone_is_no_error_in_a_real_process(argument: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as pipe:
        done = subprocess.run([sys.executable, "-m", "stateroom", argument], stdout=pipe, stderr=subprocess.PIPE)
    assert done.stderr == b""
    assert done.returncode in (0, 141)  # argparse itself ignores it for --help


def test_a_terminal_without_unicode_gets_ascii_and_nothing_breaks() -> None:
    plain = Process(FakeCockpit(steps=(CREATE,)), encoding="ascii")("deploy", "--yes")
    asked = Process(FakeCockpit(steps=(CREATE,)))("deploy", "--yes", "--ascii")
    assert plain.out.isascii()
    assert asked.out == plain.out
    assert "shop - dev - eu-west-1" in plain.out


def test_colour_is_for_terminals_that_want_it() -> None:
    def coloured(*arguments: str, terminal: bool = True, **environment: str) -> bool:
        process = Process(FakeCockpit(steps=(CREATE,)), terminal=terminal, environment={"TERM": "xterm", **environment})
        return "\x1b[" in process("deploy", "--yes", *arguments).out

    assert coloured()
    assert not coloured("--no-color")
    assert not coloured(NO_COLOR="1")
    assert not coloured(TERM="dumb")
    assert not coloured(terminal=False)


def test_the_screen_opens_on_a_terminal_only(tmp_path: Path) -> None:
    process = Process(terminal=True)
    assert process(str(tmp_path), "--read-only", "--ascii", "--theme", "light").code == 0
    (screen,) = process.screens
    assert isinstance(screen.prompt, PassphrasePrompt)
    assert callable(screen.home)
    assert (screen.read_only, screen.ascii, screen.mouse, screen.theme) == (True, True, True, "light")
    refused = Process()(str(tmp_path))
    assert refused.code == 1
    assert "stateroom status" in refused.err


def test_the_demo_gets_its_options() -> None:
    process = Process()
    assert process("demo", "--check", "--keep", "shop", "--port", "4600", "--no-drift").code == 0
    assert process.demos == [["--check", "--no-drift", "--keep", "shop", "--port", "4600"]]


def test_a_stream_without_an_encoding_is_fine() -> None:
    assert isinstance(Process()("versions").out, str)
    assert io.StringIO().encoding is None
