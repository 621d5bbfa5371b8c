"""Errors that come from outside the program: what happened, to which thing, what to do; and none of them is a bug."""

from __future__ import annotations

import errno
import os
import ssl
import urllib.error
import zipfile
import zlib
from io import StringIO
from pathlib import Path

import botocore.exceptions as aws
import pytest

from stateroom.cloud.aws.errors import translate
from stateroom.commands.environment import ProcessEnvironment
from stateroom.commands.failures import FAILED, report
from stateroom.model.problems.outside_errors import with_profile
from stateroom.presentation.accidents import accident
from stateroom.ui.workers.engine_client import explain

FILE = "shop/serverless.yml"


def system(number: int) -> OSError:
    return OSError(number, os.strerror(number), FILE)


SYSTEM = [
    (errno.EACCES, "permission denied"),
    (errno.EPERM, "not permitted"),
    (errno.ENOENT, "does not exist"),
    (errno.EISDIR, "is a directory"),
    (errno.ENOTDIR, "should be a directory"),
    (errno.ENOSPC, "no space is left"),
    (errno.EDQUOT, "quota"),
    (errno.EROFS, "read-only"),
    (errno.EMFILE, "too many files are open"),
    (errno.ENFILE, "too many files are open"),
    (errno.ENAMETOOLONG, "too long"),
    (errno.ELOOP, "in a circle"),
    (errno.EIO, "disk"),
    (errno.ENODEV, "no such device"),  # one that no table names
]


@pytest.mark.parametrize(("number", "reason"), SYSTEM, ids=[errno.errorcode[number] for number, _ in SYSTEM])
def test_an_error_of_the_system_names_the_file_the_reason_and_a_way_out(number: int, reason: str) -> None:
    known = accident(system(number))
    assert known is not None
    assert FILE in known.what
    assert reason in known.why
    assert known.todo


OTHERS: list[tuple[BaseException, str, str]] = [
    (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"), "not utf-8", "UTF-8"),
    (UnicodeEncodeError("ascii", "…", 0, 1, "ordinal not in range"), "encoding ascii", "PYTHONIOENCODING"),
    (RecursionError("maximum recursion depth exceeded"), "nested too deeply", "flatten"),
    (MemoryError(), "memory", "--service"),
    (EOFError(), "ends too early", "options"),
    (zipfile.BadZipFile("no zip"), "damaged", "cache"),
    (zlib.error("incorrect header check"), "damaged", "cache"),
    (urllib.error.URLError(OSError("no route")), "network", "proxy"),
    (ssl.SSLCertVerificationError("self-signed"), "certificate", "AWS_CA_BUNDLE"),
    (TimeoutError("timed out"), "network", "proxy"),
    (aws.NoRegionError(), "no AWS region", "AWS_REGION"),
    (aws.NoCredentialsError(), "no AWS credentials", "aws sso login"),
    (aws.ProfileNotFound(profile="nope"), "profile does not exist", "list-profiles"),
    (aws.PartialCredentialsError(provider="env", cred_var="AWS_SECRET_ACCESS_KEY"), "incomplete", "--profile"),
    (aws.ConfigParseError(path="~/.aws/config"), "cannot be read", "AWS_CONFIG_FILE"),
    (aws.InvalidConfigError(error_msg="source_profile"), "not valid", "AWS_CONFIG_FILE"),
    (aws.EndpointConnectionError(endpoint_url="https://x"), "cannot be reached", "--endpoint-url"),
    (aws.ProxyConnectionError(proxy_url="http://p"), "proxy", "HTTPS_PROXY"),
    (aws.SSLError(endpoint_url="https://x", error="self-signed"), "certificate", "clock"),
    (aws.ParamValidationError(report="bad"), "value", "config"),
    (aws.SSOTokenLoadError(error_msg="none"), "no AWS sign-in session", "aws sso login"),
    (aws.UnauthorizedSSOTokenError(), "no AWS sign-in session", "aws sso login"),
    (
        aws.TokenRetrievalError(provider="sso", error_msg="expired"),
        "no AWS sign-in session",
        "aws sso login",
    ),
    (aws.DataNotFoundError(data_path="x"), "client library", "profile"),
    (ValueError("Invalid endpoint: nonsense"), "address is not valid", "--endpoint-url"),
]
ALL = [*(system(number) for number, _ in SYSTEM), *(error for error, _, _ in OTHERS)]


def names(errors: list[BaseException]) -> list[str]:
    return [type(error).__name__ for error in errors]


@pytest.mark.parametrize(("error", "why", "todo"), OTHERS, ids=names([error for error, _, _ in OTHERS]))
def test_every_other_accident_has_a_sentence(error: BaseException, why: str, todo: str) -> None:
    known = accident(error)
    assert known is not None
    assert why in known.why
    assert todo in known.todo


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path


def said(error: BaseException, home: Path) -> tuple[int, str]:
    """Exit code and standard error of a command that ends with an error."""
    err = StringIO()
    host = ProcessEnvironment(StringIO(), err, StringIO(), {"XDG_STATE_HOME": str(home), "TERM": "dumb"})
    return report(error, (), host), err.getvalue()


@pytest.mark.parametrize("error", ALL, ids=names(list(ALL)))
def test_no_accident_is_called_a_bug_by_a_command_the_screen_or_a_step(error: BaseException, home: Path) -> None:
    code, text = said(error, home)
    assert code == FAILED
    assert not list(home.rglob("crash-*")), "no traceback is kept of an accident"
    for shown in (text, *explain_lines(error), *step_lines(error)):
        assert "bug" not in shown
        assert "report" not in shown


def explain_lines(error: BaseException) -> tuple[str, ...]:
    return explain(error) if isinstance(error, Exception) else ()


def step_lines(error: BaseException) -> tuple[str, ...]:
    return translate(error, "could not create the queue").lines() if isinstance(error, Exception) else ()


@pytest.mark.parametrize("error", [KeyError("x"), TypeError("x"), AssertionError("x"), ZeroDivisionError("x")])
def test_only_programming_errors_are_bugs(error: Exception, home: Path) -> None:
    assert accident(error) is None
    assert "bug in stateroom" in said(error, home)[1]
    assert list(home.rglob("crash-*"))


def test_a_deleted_working_directory_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    known = accident(FileNotFoundError(errno.ENOENT, "No such file or directory"))
    monkeypatch.chdir(tmp_path)
    assert known is not None
    assert known.lines() == ("the current directory no longer exists", "cd to a directory that does")


@pytest.mark.parametrize("code", ["RequestTimeTooSkewed", "RequestInTheFuture"])
def test_a_wrong_clock_is_said_to_be_one(code: str) -> None:
    refused = aws.ClientError({"Error": {"Code": code, "Message": "too large"}}, "ListQueues")
    assert "clock" in translate(refused, "could not read the queue").todo


def test_advice_to_sign_in_names_the_profile() -> None:
    advice = translate(aws.UnauthorizedSSOTokenError(), "x").todo
    assert "aws sso login --profile shop" in with_profile(advice, "shop")
    assert with_profile(advice, "") == advice


def test_a_process_without_streams_can_still_end(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("stdout", "stderr", "stdin"):
        monkeypatch.setattr(f"sys.{name}", None)
    host = ProcessEnvironment()
    assert (host.out.isatty(), host.input.read()) == (False, "")
