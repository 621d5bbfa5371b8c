"""Large states: every resource with a kilobyte of inputs and secrets of its own, no two of them alike.

One is SST's, of functions; one is stateroom's own, of the queues of `project`, with the secrets in what was observed.
"""

from __future__ import annotations

import gc
import json
import time
from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest import mock

import project
from harness import seconds

from stateroom.model.resource import Record
from stateroom.model.values import Secret
from stateroom.model.version import Holder, UpdateSummary
from stateroom.state.checkpoint.checkpoint_document import CheckpointDocument
from stateroom.state.checkpoint.foreign_view import view_snapshot
from stateroom.state.checkpoint.integrity import magic_of
from stateroom.state.home import Home
from stateroom.state.homes.local import local_home
from stateroom.state.secrets.cipher import Cipher, Passphrase, fresh_salt
from stateroom.state.secrets.passphrase_source import PassphraseSource
from stateroom.state.secrets.secret_encoding import SECRET, SIGNATURE

APP, STAGE = "big", "dev"
SECRETS = 3  # in each resource
PHRASE = b64encode(b"0123456789abcdef0123456789abcdef").decode()
FILLER = "x" * 1240  # what brings 30,000 resources to 66 MB
UPDATE = "fe5e04590eb413d4bd8ae9fe"  # the id of the one version


def cipher(salt: str = "") -> Cipher:
    """Build the cipher of the state."""
    return Cipher(lambda _: Passphrase(Secret(PHRASE), "given"), f"{APP}/{STAGE}", salt or fresh_salt(PHRASE))


def sst_state(size: int) -> bytes:
    """Build the file of an app of `size` functions, as SST leaves it."""
    key = cipher()
    stack = {"urn": _urn("pulumi:pulumi:Stack", f"{APP}-{STAGE}"), "custom": False, "type": "pulumi:pulumi:Stack"}
    resources = [stack, *(_function(index, stack["urn"], key) for index in range(size))]
    latest = {
        "manifest": {"time": "2026-01-01T00:00:00Z", "magic": magic_of("v3.215.0"), "version": "v3.215.0"},
        "secrets_providers": {"type": "passphrase", "state": {"salt": key.salt}},
        "resources": resources,
    }
    return CheckpointDocument(
        {"version": 3, "checkpoint": {"stack": f"organization/{APP}/{STAGE}", "latest": latest}}
    ).dump()


def _urn(type_: str, name: str) -> str:
    return f"urn:pulumi:{STAGE}::{APP}::{type_}::{name}"


def name_of(index: int) -> str:
    """`Fn00042`."""
    return f"Fn{index:05d}"


def _function(index: int, parent: Any, key: Cipher) -> dict[str, Any]:
    type_, name = "aws:lambda/function:Function", name_of(index)
    sealed = {
        f"secret{place}": {SIGNATURE: SECRET, "ciphertext": key.encrypt(json.dumps(f"secret {index} {place}"))}
        for place in range(SECRETS)
    }
    return {
        "urn": _urn(type_, name),
        "custom": True,
        "id": f"{APP}-{STAGE}-{name}",
        "type": type_,
        "inputs": {"name": name, "memorySize": 128, "description": FILLER},
        "outputs": {"name": name, "arn": f"arn:aws:lambda:eu-west-1:000000000000:function:{name}", **sealed},
        "parent": parent,
        "created": "2026-01-01T00:00:00Z",
        "modified": "2026-01-01T00:00:00Z",
    }


def sst_objects(data: bytes) -> dict[str, bytes]:
    """Build the keys and bytes of a home with one state and one version of it."""
    update = {"id": UPDATE, "version": "4.17.1", "command": "deploy", "errors": None}
    update |= {"timeStarted": "2026-01-01T00:00:00Z", "timeCompleted": "2026-01-01T00:01:00Z"}
    return {
        f"app/{APP}/{STAGE}.json": data,
        f"snapshot/{APP}/{STAGE}/{UPDATE}.json": data,
        f"update/{APP}/{STAGE}/{UPDATE}.json": json.dumps(update).encode(),
    }


def open_sst(path: str) -> dict[str, float]:
    """Open a state file as the commands do: parse, decrypt, make records."""

    def work() -> None:
        document = CheckpointDocument.parse(Path(path).read_bytes())
        view_snapshot(document, cipher(document.salt))

    return {"seconds": seconds(work)}


def own_home(directory: Path) -> Home:
    """Open a project's own home."""
    return local_home(
        directory / ".stateroom",
        PassphraseSource(PHRASE, environment={}),
        holder=Holder("bench", "localhost", 1, "stateroom"),
        clock=lambda: datetime.now(UTC),
    )


def write_own(directory: Path, size: int) -> None:
    """Build the state of a deploy of `project.template(size)`."""
    home = own_home(directory)
    update = home.begin(project.APP, project.STAGE, "deploy")
    snapshot = replace(project.snapshot(size), records=tuple(map(_record, range(size))))
    home.commit(snapshot, expected=None, update=update, summary=UpdateSummary(created=size))


def _record(index: int) -> Record:
    record = project.record(index)
    secrets = {f"Secret{place}": Secret(f"secret {index} {place}") for place in range(SECRETS)}
    return replace(record, observed={**record.observed, "Filler": FILLER[:200], **secrets})


def deploy_one(directory: str, size: str, number: str, endpoint: str) -> dict[str, float]:
    """Deploy one queue more than the state holds, through the engine; the config is given compiled.

    Seconds of the plan and of the final write, and kB that were uploaded before that.
    """
    from stateroom.cli import COLLECTOR
    from stateroom.engine.cockpit import open_project_cockpit
    from stateroom.engine.options import WorkspaceOptions
    from stateroom.engine.requests import Control, Request
    from stateroom.engine.workspace import Workspace
    from stateroom.model.plan import Operation
    from stateroom.state.repository.state_repository import StateRepository
    from stateroom.state.stores.directory import DirectoryStore

    gc.set_threshold(*COLLECTOR)  # as the program does
    wanted = project.template(int(size) + 1 + int(number))
    options = WorkspaceOptions(
        stage=project.STAGE,
        region=project.REGION,
        home="local",
        endpoint_url=endpoint,
        environment={"STATEROOM_PASSPHRASE": PHRASE},
    )
    uploads: list[int] = []
    found: dict[str, float] = {}
    commit, put = StateRepository.commit, DirectoryStore.put

    def counted(self: Any, key: str, data: bytes, **conditions: Any) -> str:
        uploads.append(len(data))
        return put(self, key, data, **conditions)

    def timed(self: Any, *arguments: Any) -> Any:
        found["uploaded before the state"] = sum(uploads) / 1000
        started = time.perf_counter()
        stored = commit(self, *arguments)
        found["the write"] = time.perf_counter() - started
        return stored

    with (
        mock.patch.object(Workspace, "template", return_value=wanted),
        mock.patch.object(DirectoryStore, "put", counted),
        mock.patch.object(StateRepository, "commit", timed),
    ):
        cockpit = open_project_cockpit(Path(directory), options)
        started = time.perf_counter()
        plan = cockpit.plan(Request(Operation.DEPLOY))
        found["plan"] = time.perf_counter() - started
        outcome = cockpit.execute(plan, lambda _: None, Control())
    if not outcome.ok or outcome.done != 1:
        raise RuntimeError(f"one resource was to be made: {outcome}")
    return found
