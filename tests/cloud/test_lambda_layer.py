from __future__ import annotations

import hashlib
import io
import zipfile
from typing import Any

from stateroom.cloud.aws.lambda_layer import LayerVersionHandler, LayerVersionPermissionHandler
from tests.cloud.bench import OWNER, Bench, agrees, clients_for
from tests.support.emulators import Emulator


def package(text: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo("python/shared.py"), text)
    return buffer.getvalue()


PACKAGES = {hashlib.sha256(data).hexdigest(): data for data in (package("A = 1"), package("A = 2"))}
ONE, TWO = PACKAGES


def layer(emulator: Emulator, sha256: str = ONE) -> Bench:
    inputs: dict[str, Any] = {
        "LayerName": "shared",
        "Description": "for all",
        "CompatibleRuntimes": ["python3.12"],
        "Content": {"ArtifactSha256": sha256},
    }
    bench = Bench(lambda _: None, emulator.endpoint_url, inputs)  # type: ignore[arg-type]
    bench.handler = LayerVersionHandler(clients_for(emulator.endpoint_url), PACKAGES.__getitem__)
    return bench


def test_a_layer_reads_as_it_was_published(emulator: Emulator) -> None:
    shared = layer(emulator)
    assert shared.find() is None

    assert agrees(shared.create(), shared.inputs)
    assert shared.id.endswith(":layer:shared:1")
    assert shared.identified == [shared.id]


def test_another_content_is_another_version(emulator: Emulator) -> None:
    old, new = layer(emulator), layer(emulator, TWO)
    old.create()
    assert new.find() is None
    new.create()

    assert new.find() == new.id != old.id
    assert old.find() is None  # the newest is what counts
    old.delete()
    old.delete()
    assert not old.exists()
    assert new.exists()


def test_a_lost_answer_is_found_by_what_was_published(emulator: Emulator) -> None:
    shared = layer(emulator)
    shared.create()

    assert layer(emulator).find(OWNER) == shared.id


def test_somebody_else_may_use_it(ministack: Emulator) -> None:
    shared = layer(ministack)
    shared.create()
    inputs = {"LayerVersionArn": shared.id, "Action": "lambda:GetLayerVersion", "Principal": "123456789012"}
    allowed = Bench(LayerVersionPermissionHandler, ministack.endpoint_url, inputs)
    assert allowed.find() is None

    assert agrees(allowed.create(), inputs)
    assert allowed.find() == allowed.id
    allowed.create()  # once more does no harm

    allowed.delete()
    allowed.delete()
    assert not allowed.exists()
