"""Import state files: checkpoints, `pulumi stack export`, `sst state export`, decrypted or not."""

from __future__ import annotations

import json
from collections.abc import Callable

from stateroom.errors import StateError
from stateroom.model.values import Value
from stateroom.state.checkpoint.checkpoint_document import CheckpointDocument, Raw
from stateroom.state.secrets.cipher import Cipher
from stateroom.state.secrets.secret_encoding import SECRET, SIGNATURE

_WITH_SECRETS = ("resources", "pending_operations")


def import_state(
    data: bytes, app: str, stage: str, before: CheckpointDocument | None, cipher: Callable[[str], Cipher]
) -> CheckpointDocument:
    """Return the file's document as the state of a service.

    Plain secrets of a decrypted export are encrypted; others must decrypt with the service's passphrase.

    Args:
        data: the file.
        app, stage: owner of the new state.
        before: the state that it replaces; what an export leaves out of the file around the deployment comes from it.
        cipher: the service's cipher for a salt text.

    Raises:
        StateError: it is no state, another service's, or breaks a rule.
        PassphraseError: its secrets do not open, or there is no passphrase to encrypt them with.
    """
    document = _sealed(_document(data, app, stage, before), before, cipher)
    if document.owner != (app, stage):
        raise StateError(
            f"the file is the state of {'/'.join(document.owner)}, not of {app}/{stage}",
            why="its URNs carry those names",
            todo=f"import it with --service and --stage of {'/'.join(document.owner)}, then move or rename it",
        )
    problems = document.problems()
    if problems:
        raise StateError(f"the file breaks a rule: {problems[0]}", why="nothing was changed", todo="correct the file")
    return document


def _document(data: bytes, app: str, stage: str, before: CheckpointDocument | None) -> CheckpointDocument:
    try:
        body = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise StateError("the file is not whole JSON", why=str(error)) from error
    if not isinstance(body, dict):
        raise StateError("the file is not a state", why="it is no JSON object")
    if "checkpoint" in body:
        return CheckpointDocument.parse(data)
    latest = body.get("deployment") or body.get("latest")  # pulumi stack export, sst state export
    if not isinstance(latest, dict):
        raise StateError("the file is not a state", why="neither `checkpoint` nor `deployment` nor `latest` is in it")
    around: Raw = before.body if before else {"version": 3, "checkpoint": {}}
    stack = body.get("stack") or _stack_in(latest) or f"organization/{app}/{stage}"
    checkpoint = {**around.get("checkpoint", {}), "stack": stack, "latest": latest}
    return CheckpointDocument.parse(json.dumps({**around, "checkpoint": checkpoint}).encode())


def _stack_in(latest: Raw) -> str:
    """Return the stack that owns a deployment, by its first URN."""
    for raw in latest.get("resources") or ():
        parts = str(raw.get("urn") if isinstance(raw, dict) else "").split("::")
        if len(parts) >= 4 and parts[0].startswith("urn:pulumi:"):
            return f"organization/{parts[1]}/{parts[0].removeprefix('urn:pulumi:')}"
    return ""


def _sealed(
    document: CheckpointDocument, before: CheckpointDocument | None, cipher: Callable[[str], Cipher]
) -> CheckpointDocument:
    parts = {name: document.latest[name] for name in _WITH_SECRETS if document.latest.get(name)}
    token = _first_token(list(parts.values()))
    provider = document.latest.get("secrets_providers")
    if provider and not document.salt:
        if before and before.latest.get("secrets_providers") == provider:
            return document  # an edit: nothing opens them here, before and after
        if token:
            raise _foreign_secrets(provider)
        document = document.with_latest({**document.latest, "secrets_providers": _provider_of(before)})
    key = cipher(document.salt)
    if token:
        key.decrypt(token)  # says which passphrase does not fit, before anything is written
    if '"plaintext"' not in json.dumps(list(parts.values())):
        return document
    latest = {**document.latest, **{name: _encrypted(part, key) for name, part in parts.items()}}
    latest["secrets_providers"] = {"type": "passphrase", "state": {"salt": key.salt}}
    return document.with_latest(latest)


def _provider_of(before: CheckpointDocument | None) -> Value:
    """Return the secrets provider of a state without secrets: that of the one before it, if it is ours."""
    return before.latest["secrets_providers"] if before and before.salt else None


def _foreign_secrets(provider: Value) -> StateError:
    """Make the error of secrets that no passphrase opens. https://www.pulumi.com/docs/iac/concepts/secrets/"""
    type_ = str(provider.get("type") if isinstance(provider, dict) else "") or "unknown"
    state = provider.get("state") if isinstance(provider, dict) else None
    url = str(state.get("url") or "").partition("://")[0] if isinstance(state, dict) and type_ == "cloud" else ""
    name = "Pulumi Cloud (service)" if type_ == "service" else url or type_
    return StateError(
        f"the file's secrets are encrypted by {name}",
        why="this home's passphrase cannot open them; nothing was changed",
        todo="export it where they can be opened, `pulumi stack export --show-secrets`, and import that file",
    )


def _first_token(value: Value) -> str:
    if isinstance(value, dict):
        if value.get(SIGNATURE) == SECRET and "ciphertext" in value:
            return str(value["ciphertext"])
        return next((found for item in value.values() if (found := _first_token(item))), "")
    if isinstance(value, list):
        return next((found for item in value if (found := _first_token(item))), "")
    return ""


def _encrypted(value: Value, cipher: Cipher) -> Value:
    if isinstance(value, dict):
        if value.get(SIGNATURE) == SECRET and "plaintext" in value:
            rest = {key: item for key, item in value.items() if key != "plaintext"}
            return {**rest, "ciphertext": cipher.encrypt(str(value["plaintext"]))}
        return {key: _encrypted(item, cipher) for key, item in value.items()}
    if isinstance(value, list):
        return [_encrypted(item, cipher) for item in value]
    return value


def decrypt_secrets(value: Value, cipher: Cipher) -> Value:
    """Return the value with its secrets decrypted, as `sst state export --decrypt`. Raises PassphraseError."""
    if isinstance(value, dict):
        if value.get(SIGNATURE) == SECRET and "ciphertext" in value:
            rest = {key: item for key, item in value.items() if key != "ciphertext"}
            return {**rest, "plaintext": cipher.decrypt(str(value["ciphertext"]))}
        return {key: decrypt_secrets(item, cipher) for key, item in value.items()}
    if isinstance(value, list):
        return [decrypt_secrets(item, cipher) for item in value]
    return value
