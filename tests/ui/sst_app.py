"""An app of SST as its home holds it: components, and what they are made of."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from stateroom.engine.cockpit import open_cockpit
from stateroom.engine.options import WorkspaceOptions
from stateroom.engine.requests import Cockpit
from stateroom.state.checkpoint.checkpoint_document import CheckpointDocument
from tests.commands.sst_home import Machine, cipher, with_secret
from tests.state.sst_states import PROVIDER, STACK, component, document, urn

CONFIG = 'export default $config({ app() { return { name: "ledger", home: "local" }; }, async run() {} });'


def part(of: dict[str, Any], type_: str, name: str, **fields: Any) -> dict[str, Any]:
    """A resource inside a component."""
    chain = f"{of['type']}$"
    raw = {"urn": urn(f"{chain}{type_}", name), "type": type_, "parent": of["urn"], "inputs": {}, "outputs": {}}
    if type_.startswith("sst:"):
        return raw | {"custom": False} | fields
    reference = f"{PROVIDER['urn']}::{PROVIDER['id']}"
    return raw | {"custom": True, "id": f"ledger-qa-{name}", "provider": reference} | fields


def app(salt: str = "") -> CheckpointDocument:
    """A bucket, a function, and a queue whose subscriber is a component inside the queue's."""
    uploads, api, jobs = component("Uploads"), component("Api", "sst:aws:Function"), component("Jobs", "sst:aws:Queue")
    worker = part(jobs, "sst:aws:QueueLambdaSubscriber", "JobsWorker")
    inputs = {"memorySize": 1024, "runtime": "nodejs22.x", "timeout": 20}
    arn = "arn:aws:lambda:eu-west-1:123456789012:function:ledger-qa-ApiFunction"
    return document(
        STACK,
        PROVIDER,
        uploads,
        part(uploads, "aws:s3/bucketV2:BucketV2", "UploadsBucket", inputs={"forceDestroy": True}),
        part(uploads, "aws:s3/bucketPolicy:BucketPolicy", "UploadsPolicy"),
        api,
        part(api, "aws:iam/role:Role", "ApiRole"),
        part(api, "aws:lambda/function:Function", "ApiFunction", inputs=inputs, outputs={**inputs, "arn": arn}),
        jobs,
        part(jobs, "aws:sqs/queue:Queue", "JobsQueue", inputs={"visibilityTimeoutSeconds": 30}),
        worker,
        part(worker, "aws:lambda/eventSourceMapping:EventSourceMapping", "JobsMapping", inputs={"batchSize": 10}),
        salt=salt,
    )


def ledger_machine(directory: Path) -> Machine:
    """A machine with the app's states of two stages; the one of qa has a secret, whose passphrase the home keeps."""
    machine = Machine(directory)
    key = cipher()
    machine.deployed(with_secret(app(key.salt), key))
    machine.put("app", app().dump().replace(b"ledger/qa", b"ledger/live").replace(b":qa:", b":live:"), "live")
    (machine.here / "sst.config.ts").write_text(CONFIG)
    return machine


def opener(machine: Machine, **options: Any) -> Callable[[], Cockpit]:
    """Opens the app where its sst.config.ts is."""
    chosen = WorkspaceOptions(environment=machine.environment, **options)
    return lambda: open_cockpit(machine.here, chosen)
