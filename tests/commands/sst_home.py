"""A user's machine with an SST home in a directory, and stateroom's commands run on it."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stateroom.cli import main
from stateroom.commands.environment import ProcessEnvironment
from stateroom.model.values import Secret
from stateroom.state.checkpoint.checkpoint_document import CheckpointDocument
from stateroom.state.secrets import cipher as ciphers
from stateroom.state.secrets.cipher import Cipher, Passphrase
from stateroom.state.secrets.secret_encoding import SECRET, SIGNATURE
from tests.commands.fake import Run, Stream
from tests.state.sst_states import ledger

PHRASE = b64encode(b"0123456789abcdef0123456789abcdef").decode()


def cipher(phrase: str = PHRASE, salt: str = "") -> Cipher:
    return Cipher(lambda new: Passphrase(Secret(phrase), "given"), "ledger/qa", salt or ciphers.fresh_salt(phrase))


def with_secret(document: CheckpointDocument, key: Cipher, value: str = "hunter2") -> CheckpointDocument:
    """The document with a secret in the outputs of its last resource."""
    *rest, last = document.resources
    sealed = {SIGNATURE: SECRET, "ciphertext": key.encrypt(json.dumps(value))}
    return document.with_resources([*rest, {**last, "outputs": {**last.get("outputs", {}), "token": sealed}}])


class Machine:
    """A home directory, and commands run in an empty directory beside it."""

    def __init__(self, directory: Path, **environment: str) -> None:
        self.home = directory / "home"
        self.here = directory / "here"
        self.here.mkdir(parents=True, exist_ok=True)
        self.states = self.home / ".config" / "sst" / "state"
        self.environment: Mapping[str, str] = {
            "HOME": str(self.home),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
            "TERM": "dumb",
            **environment,
        }

    def __call__(self, *arguments: str, answers: str = "", terminal: bool = False) -> Run:
        out, err = Stream(terminal=terminal), Stream(terminal=terminal)
        given = [*arguments, "-C", str(self.here), "--home", "sst-local"]
        host = ProcessEnvironment(
            out=out, err=err, input=Stream(answers, terminal=terminal), environment=self.environment
        )
        return Run(main(given, host), out.getvalue(), err.getvalue(), [], [])

    def put(self, kind: str, data: bytes, stage: str = "qa", app: str = "ledger") -> Path:
        path = self.states / kind / app / f"{stage}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path

    def deployed(self, document: CheckpointDocument | None = None) -> Path:
        """A stage as `sst deploy` leaves it: a state and its snapshot with an update, and a passphrase."""
        data = (document or with_secret(ledger(salt=(key := cipher()).salt), key)).dump()
        self.put("passphrase", PHRASE.encode())
        update = {"id": "fe5e04590eb413d4bd8ae9fe", "version": "4.17.1", "command": "deploy", "errors": None}
        update |= {"timeStarted": "2026-11-20T10:00:00Z", "timeCompleted": "2026-11-20T10:00:42Z"}
        self.put("update", json.dumps(update).encode(), update["id"] or "", "ledger/qa")
        self.put("snapshot", data, "fe5e04590eb413d4bd8ae9fe", "ledger/qa")
        return self.put("app", data)

    def state(self, stage: str = "qa") -> CheckpointDocument:
        return CheckpointDocument.parse((self.states / "app" / "ledger" / f"{stage}.json").read_bytes())

    def names(self, stage: str = "qa") -> set[str]:
        return {raw["urn"].rsplit("::", 1)[1] for raw in self.state(stage).resources}

    def versions(self) -> list[Any]:
        found: list[Any] = self("versions", "--json").document["services"][0]["versions"]
        return found
