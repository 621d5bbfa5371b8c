"""Look up pending resources of a state file in the cloud, by any tool's names."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TypeAlias

from stateroom.cloud.provider import Owner, Provider
from stateroom.engine.tools.pulumi_aws_types import CLASSIC, Classic, LookupFacts, Within
from stateroom.engine.tools.record_providers import RecordProvider, provider_of
from stateroom.errors import CloudError, StateError, StateroomError
from stateroom.model.resource import Live
from stateroom.model.values import Properties
from stateroom.state.checkpoint.checkpoint_document import CheckpointDocument, Raw
from stateroom.state.checkpoint.tokens import name_in, type_of
from stateroom.state.tools.pending_operations import Answer, Ask, Unanswered

_GONE = frozenset({"ResourceNotFoundException", "NoSuchEntity", "AWS.SimpleQueueService.NonExistentQueue", "NotFound"})


AskWithin: TypeAlias = Callable[[CheckpointDocument], Ask]
"""Makes what asks about the resources of a document, each where its own provider is."""


def lookup_within(provider: Callable[[RecordProvider], Provider]) -> AskWithin:
    """Return a lookup of pending resources. What cannot be asked by a resource's own provider is Unanswered.

    Args:
        provider: opens the cloud where a resource is, once for each place. Raises StateroomError when it cannot.
    """
    opened = cache(provider)

    def within(document: CheckpointDocument) -> Ask:
        def ask(raw: Raw) -> Answer | Unanswered:
            try:
                place = provider_of(raw, document)
            except StateError as error:
                return Unanswered(error.what)
            return pending_lookup(lambda: _checked(opened(place), place))(raw)

        return ask

    return within


def _checked(provider: Provider, place: RecordProvider) -> Provider:
    """Return the provider if its credentials are those of the place's account. Raises StateError."""
    if place.own_access:
        raise StateError(f"its provider has credentials of its own ({place.own_access[0]}), which are not used here")
    if place.accounts and (account := provider.identity().account) not in place.accounts:
        named = " or ".join(sorted(place.accounts))
        raise StateError(f"it is in account {named}, and these credentials are of {account}: choose with --profile")
    return provider


def pending_lookup(provider: Callable[[], Provider]) -> Ask:
    """Return a lookup that opens the provider at its first call."""
    opened = cache(provider)

    def ask(raw: Raw) -> Answer | Unanswered:
        try:
            return _ask(opened, raw)
        except CloudError as error:
            return Answer(None) if error.code in _GONE else Unanswered(error.what)
        except StateroomError as error:
            return Unanswered(error.what)

    return ask


def _ask(provider: Callable[[], Provider], raw: Raw) -> Answer | Unanswered:
    if raw["type"].startswith("aws-native:"):
        return _ask_native(provider(), raw)
    classic = CLASSIC.get(raw["type"])
    if classic is None:
        return _unread(raw["type"])
    return _ask_classic(provider(), classic, raw)


def _ask_native(provider: Provider, raw: Raw) -> Answer | Unanswered:
    """Look up one of our resources: names are derived, and ownership is tagged."""
    type_, inputs = type_of(raw["type"]), raw.get("inputs") or {}
    if not provider.supports(type_):
        return _unread(type_)
    physical_id = str(raw.get("id") or _found(provider, type_, raw, inputs))
    return Answer(_id_of(provider.read(type_, physical_id, inputs)) if physical_id else None)


def _ask_classic(provider: Provider, classic: Classic, raw: Raw) -> Answer | Unanswered:
    if not provider.supports(classic.type):
        return _unread(raw["type"])
    facts = LookupFacts(raw.get("inputs") or {}, provider.identity())
    id_ = str(raw.get("id") or "") or facts.first(classic.ids)
    physical_id = facts.first(classic.physical, id=id_) if id_ or classic.within else ""
    inputs = {name: facts.first((pattern,)) for name, pattern in classic.inputs.items()}
    if not physical_id or not all(inputs.values()):
        return Unanswered("its id is not known: AWS gives it, or the name is not in the state")
    live = provider.read(classic.type, physical_id, inputs)
    there = live is not None and (classic.within is None or _holds(live, classic.within, facts))
    if there and not id_:
        return Unanswered(f"it exists on {physical_id}, and Pulumi's id of it is not known")
    return Answer(id_ if there else None)


def _holds(live: Live, within: Within, facts: LookupFacts) -> bool:
    """Tell whether an entry is in the list of its parent resource."""
    entries = live.properties.get(within.property) or ()
    wanted = facts.first((within.value,))
    return any((entry.get(within.key) if within.key else entry) == wanted for entry in entries)


def _found(provider: Provider, type_: str, raw: Raw, inputs: Properties) -> str:
    stage, app = raw["urn"].removeprefix("urn:pulumi:").split("::")[:2]
    return provider.find(type_, inputs, Owner(app, stage, name_in(raw["urn"]))) or ""


def _id_of(live: Live | None) -> str | None:
    return live.physical_id if live else None


def _unread(type_: str) -> Unanswered:
    return Unanswered(f"stateroom reads no {type_}; look for it, then edit the state")
