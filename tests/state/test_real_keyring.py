"""The keyring against a real Secret Service: gnome-keyring on a D-Bus of its own, in a throw-away home.

Skipped where they are not installed (`apt-get install gnome-keyring dbus`). Each story runs in processes of its own.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

_MISSING = [name for name in ("dbus-run-session", "gnome-keyring-daemon") if shutil.which(name) is None]
pytestmark = [
    pytest.mark.emulator,
    pytest.mark.skipif(bool(_MISSING), reason=f"not installed: {', '.join(_MISSING)}"),
]

USER = "sst://123456789012/eu-west-1#ledger/qa"
_UNLOCK = 'printf "test\\n" | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1; exec "$@"'
_START = """
import sys, time
from stateroom.state.secrets.os_keyring import KeyringUnusableError, SystemKeyring
from stateroom.state.secrets.passphrase_source import PassphraseSource
USER = sys.argv[1]
keyring = SystemKeyring()
"""


class Session:
    """A desktop session without a desktop."""

    def __init__(self, directory: Path, runtime: Path) -> None:
        self.directory, self.runtime = directory, runtime
        self.data = directory / "data"

    def __call__(self, *scripts: str, unlock: bool = True) -> str:
        """Run Python scripts, one process each, in one session; what they printed."""
        files = []
        for number, text in enumerate(scripts):
            files.append(self.directory / f"script{number}.py")
            files[-1].write_text(_START + text)
        run_all = " && ".join(f'"{sys.executable}" "{file}" "{USER}"' for file in files)
        inner = ["sh", "-c", _UNLOCK, "sh"] if unlock else []
        done = subprocess.run(
            ["dbus-run-session", "--", *inner, "sh", "-c", run_all],
            env=self._environment(),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def _environment(self) -> dict[str, str]:
        places = {name: self.directory / name.lower() for name in ("HOME", "XDG_CONFIG_HOME")}
        places |= {"XDG_DATA_HOME": self.data, "XDG_RUNTIME_DIR": self.runtime}
        for place in places.values():
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
        environment = {name: str(place) for name, place in places.items()}
        return environment | {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    # The daemon's sockets are in there, and the path of one has no more than 107 characters.
    with tempfile.TemporaryDirectory(prefix="run-") as runtime:
        yield Session(tmp_path, Path(runtime))


def test_what_one_process_keeps_the_next_finds_and_a_third_forgets(session: Session) -> None:
    printed = session(
        "keyring.set(USER, 'correct horse')",
        "print(keyring.get(USER)); keyring.delete(USER)",
        "print(keyring.get(USER)); keyring.delete(USER); print(repr(keyring.problem()))",
    )
    assert printed.splitlines() == ["correct horse", "None", "''"]


def test_nothing_of_it_is_readable_on_disk(session: Session) -> None:
    session("keyring.set(USER, 'correct horse')")
    files = [path for path in session.data.rglob("*") if path.is_file()]
    assert files
    assert all(b"correct horse" not in path.read_bytes() for path in files)


def test_a_new_passphrase_is_made_once_and_found_again(session: Session) -> None:
    ask = "print(PassphraseSource(environment={}, keyring=keyring).resolve(USER%s).phrase.reveal())"
    make, find = ask % ", create=True", ask % ""
    first, second = session(make, find).splitlines()
    assert first == second
    assert len(first) == 44


def test_a_locked_keyring_says_so_at_once(session: Session) -> None:
    printed = session(
        """
keyring = SystemKeyring(deadline=40)
keyring.set(USER, 'correct horse')
import secretstorage
connection = secretstorage.dbus_init()
secretstorage.get_default_collection(connection).lock()
started = time.monotonic()
try:
    keyring.get(USER)
except KeyringUnusableError as error:
    print(error)
print(time.monotonic() - started < 40)
"""
    )
    assert printed.splitlines() == ["the keyring is locked", "True"]


def test_a_session_without_an_unlocked_keyring_is_no_hang(session: Session) -> None:
    printed = session(
        """
keyring = SystemKeyring(deadline=40)
started = time.monotonic()
print(bool(keyring.problem()))
print(time.monotonic() - started < 40)
""",
        unlock=False,
    )
    assert printed.splitlines() == ["True", "True"]
