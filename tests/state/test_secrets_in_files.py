"""What becomes of secrets when a state is exported in the clear, imported, or moved: they, and nothing beside them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from stateroom.errors import StateError
from stateroom.state.checkpoint.checkpoint_document import CheckpointDocument
from stateroom.state.secrets.cipher import Cipher
from stateroom.state.secrets.secret_encoding import SECRET, SIGNATURE
from stateroom.state.tools.move import reencrypt
from stateroom.state.tools.state_import import decrypt_secrets, import_state
from tests.state.builders import cipher, sealed_shut
from tests.state.sst_states import STACK, document, function

ASSET = {SIGNATURE: "c44067f5952c0a294b673a41bacd8c17", "plaintext": "an asset's", "ciphertext": "an asset's"}
LOOK_ALIKES: dict[str, Any] = {
    "kms": {"ciphertext": "AQICAHg=", "plaintext": "a text that is a property's"},
    "asset": ASSET,
    "output": {SIGNATURE: SECRET, "value": "neither the one nor the other"},
    "list": [ASSET, {"ciphertext": "x"}, 7, None, True],
}


def secret(text: str) -> dict[str, Any]:
    return {SIGNATURE: SECRET, "plaintext": json.dumps(text)}


def sealed(text: str, key: Cipher) -> dict[str, Any]:
    return {SIGNATURE: SECRET, "ciphertext": key.encrypt(json.dumps(text))}


def imported(*resources: dict[str, Any], key: Cipher, salt: str = "") -> CheckpointDocument:
    return import_state(document(STACK, *resources, salt=salt).dump(), "ledger", "qa", None, lambda salt: key)


def worker(**outputs: Any) -> dict[str, Any]:
    return {key: value for key, value in function("Worker", outputs=outputs).items() if key != "provider"}


def test_a_decrypted_export_shows_every_secret_and_touches_nothing_that_only_looks_like_one() -> None:
    key = cipher()
    shown = decrypt_secrets({**LOOK_ALIKES, "deep": [{"token": sealed("hunter2", key)}]}, key)
    assert shown == {**LOOK_ALIKES, "deep": [{"token": secret("hunter2")}]}


def test_a_move_encrypts_every_secret_anew_and_touches_nothing_that_only_looks_like_one() -> None:
    old, new = cipher(), cipher("another horse")
    moved: Any = reencrypt({**LOOK_ALIKES, "deep": [{"token": sealed("hunter2", old)}]}, old, new)
    assert {name: moved[name] for name in LOOK_ALIKES} == LOOK_ALIKES
    assert decrypt_secrets(moved["deep"], new) == [{"token": secret("hunter2")}]


def test_a_shown_export_is_encrypted_when_it_comes_in_and_nothing_that_only_looks_like_a_secret_is() -> None:
    key = cipher()
    state = imported(worker(**LOOK_ALIKES, deep=[{"token": secret("hunter2")}]), key=key)
    (outputs,) = [raw["outputs"] for raw in state.resources if raw["urn"].endswith("::Worker")]
    assert {name: outputs[name] for name in LOOK_ALIKES} == LOOK_ALIKES
    assert decrypt_secrets(outputs["deep"], key) == [{"token": secret("hunter2")}]
    assert "hunter2" not in json.dumps(outputs)
    assert state.salt == key.salt


def test_a_file_without_secrets_asks_for_no_passphrase() -> None:
    looks = {name: value for name, value in LOOK_ALIKES.items() if name == "output"}
    state = imported(worker(**looks, kms={"ciphertext": "AQICAHg="}), key=sealed_shut())
    assert state.salt == ""


@pytest.mark.parametrize("nested", [False, True])
def test_a_secret_that_does_not_open_is_found_wherever_it_is(nested: bool) -> None:
    key = cipher()
    damaged = {SIGNATURE: SECRET, "ciphertext": "v1:AAAA:AAAA"}
    key.encrypt("1")
    with pytest.raises(StateError, match="damaged"):
        imported(worker(**LOOK_ALIKES, deep=[1, {"a": [damaged]}] if nested else damaged), key=key, salt=key.salt)
