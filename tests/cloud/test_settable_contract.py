"""Contract: what a handler claims to set it sends, and a plan refuses all else, by name, before any call.

*Every handled type × (an unknown property, a property of its schema that we cannot set)*. And conversely: every claimed
property, nested ones included, stands in the calls of a create, and of an update unless a change of it replaces.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Generator, Iterator, Mapping, Set
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import pytest

from stateroom.cloud.aws.handler_base import HandlerFactory
from stateroom.cloud.aws.handlers import MODULES
from stateroom.cloud.provider import Handler, Identified, ResourceData, Task, run
from stateroom.cloud.schema.catalog import facts
from stateroom.cloud.schema.rules import type_rules
from stateroom.cloud.session import open_aws
from stateroom.model.resource import Live
from tests.cloud.sent import OWNER, Enough, Recorder, leaves, samples

FACTORIES: Final[Mapping[str, HandlerFactory]] = {
    factory.type: factory
    for module in MODULES
    for factory in importlib.import_module(f"stateroom.cloud.aws.{module}").HANDLERS
    if type_rules(factory.type) is not None
}
PROVIDER: Final = open_aws(region="eu-west-1", profile=None, endpoint_url="http://127.0.0.1:1", artifacts=lambda _: b"")
# Claimed, and yet not found in any call as it is written, with the reason.
TRANSLATED: Final[Mapping[str, Mapping[str, str]]] = {
    "AWS::CertificateManager::Certificate": {"DomainValidationOptions.*.HostedZoneId": "where a record is made"},
    "AWS::Cognito::UserPool": {"EnabledMfas": "each is a setting of its own"},
    "AWS::Logs::LogGroup": {"Arn": "accepted, because exported templates have it"},
    "AWS::Lambda::Function": {"Arn": "accepted, because exported templates have it"},
    "AWS::Lambda::LayerVersionPermission": {"LayerVersionArn": "sent as the layer's name and the version"},
    "AWS::S3::Bucket": {"AccessControl": "only Private is accepted, which is what a new bucket is"},
    "AWS::KMS::Key": {"PendingWindowInDays": "sent by a deletion"},
    "AWS::SecretsManager::Secret": {
        "GenerateSecretString.SecretStringTemplate": "what it says stands beside the generated value",
        "SecretString": "GenerateSecretString goes before it",
    },
    "AWS::SNS::Topic": {"DeliveryStatusLogging.*.Protocol": "becomes the beginning of the attributes' names"},
    "AWS::StepFunctions::StateMachineAlias": {
        "DeploymentPreference": "the service does not know it: it becomes a series of routings, see test_shifting",
        "StateMachineArn": "told by the versions",
    },
    "AWS::StepFunctions::StateMachine": {
        "Definition": "DefinitionString goes before it",
        "DefinitionSubstitutions": "put into the definition where that names them",
    },
}
# Not sent by an update of what the recording client answers, though by one of a real resource.
NOT_UPDATED: Final[Mapping[str, Mapping[str, str]]] = {
    "AWS::ApiGateway::Deployment": {"StageDescription": "a stage is written by the service that made it"},
    "AWS::CertificateManager::Certificate": {"DomainValidationOptions": "records are made while one is validated"},
    "AWS::DynamoDB::Table": {
        "AttributeDefinitions": "goes with the index that needs it",
        "ProvisionedThroughput": "not of a table that is paid by request",
    },
}


def finished(recorder: Recorder, type_: str, work: Callable[[Handler], Task[Any]]) -> Recorder:
    with suppress(Enough):
        run(work(FACTORIES[type_](recorder, lambda _: b"PK")), sleep=lambda _: None)  # type: ignore[arg-type]
    return recorder


def claimed(type_: str) -> dict[str, Any]:
    """Samples of what the handler says that it sets, without what it says that it does not."""
    factory: Any = FACTORIES[type_]
    settable, unsettable = factory.settable, factory.unsettable
    given = {name: value for name, value in samples(type_).items() if name in settable}
    return {name: _without(value, name, unsettable) for name, value in given.items()}


def _without(value: Any, path: str, unsettable: frozenset[str]) -> Any:
    if isinstance(value, Mapping):
        inner = {key: f"{path}.{key}" for key in value}
        return {
            key: _without(item, inner[key], unsettable) for key, item in value.items() if inner[key] not in unsettable
        }
    return [_without(item, f"{path}.*", unsettable) for item in value] if isinstance(value, list) else value


def unsent(recorder: Recorder, type_: str, given: Mapping[str, Any], excused: Mapping[str, str]) -> set[str]:
    return {
        path
        for path, value in leaves(given)
        if not recorder.sends(value) and not any(path == name or path.startswith(f"{name}.") for name in excused)
    }


@pytest.mark.parametrize("type_", FACTORIES)
def test_what_is_claimed_is_sent_by_a_create(type_: str) -> None:
    given = claimed(type_)
    there = type_ == "AWS::Lambda::Version"  # it looks at the function first
    recorder = finished(
        Recorder(there=there), type_, lambda handler: handler.create(ResourceData(inputs=given, owner=OWNER))
    )

    assert unsent(recorder, type_, given, TRANSLATED.get(type_, {})) == set()
    assert [report for report in recorder.invalid if "Unknown parameter" in report] == []


@pytest.mark.parametrize("type_", FACTORIES)
def test_what_is_claimed_and_replaces_nothing_is_sent_by_an_update(type_: str) -> None:
    given = claimed(type_)
    fixed = {path.split(".")[0] for path in facts(type_).schema.create_only}
    changed = frozenset(given.keys() - fixed)
    work = lambda handler: handler.update(ResourceData("thing", given, {}, changed, OWNER))  # noqa: E731
    recorder = finished(Recorder(there=True), type_, work)
    excused = {**TRANSLATED.get(type_, {}), **NOT_UPDATED.get(type_, {})}

    assert unsent(recorder, type_, {name: given[name] for name in changed}, excused) == set()


@pytest.mark.parametrize("type_", FACTORIES)
def test_an_unknown_property_is_refused(type_: str) -> None:
    """(case `misspelt-queue-property`)"""
    found = {item.path: item for item in PROVIDER.check(type_, {"Nonsense": "x"}) if item.fatal}

    assert "unknown property Nonsense" in found[("Nonsense",)].what
    assert found[("Nonsense",)].todo


@pytest.mark.parametrize("type_", FACTORIES)
def test_a_property_that_cannot_be_set_is_refused(type_: str) -> None:
    """(case `unsupported-refused-late`)"""
    factory: Any = FACTORIES[type_]
    settable, unsettable = factory.settable, factory.unsettable
    given = samples(type_)
    refused = {item.path for item in PROVIDER.check(type_, given) if item.fatal}

    assert {name for name in given if (name,) in refused} >= given.keys() - settable
    nested = {".".join("*" if isinstance(part, int) else part for part in path) for path in refused}
    assert nested >= unsettable


@pytest.mark.parametrize("type_", FACTORIES)
def test_a_create_tells_what_it_made_before_it_ends(type_: str) -> None:
    """What is cut off after the first call is found again by its id, also where no name leads to it."""
    recorder = Recorder(there=type_ == "AWS::Lambda::Version")
    handler = FACTORIES[type_](recorder, lambda _: b"PK")  # type: ignore[arg-type]
    task = handler.create(ResourceData(inputs=claimed(type_), owner=OWNER))
    told: list[str] = []

    def followed() -> Iterator[None]:
        made = yield from _noting(task, told)
        assert told[-1:] == [made]

    with suppress(Enough):
        list(followed())
    assert told


def _noting(task: Task[Live | str], told: list[str]) -> Generator[None, None, str]:
    while True:
        try:
            progress = next(task)
        except StopIteration as end:
            return str(end.value.physical_id if isinstance(end.value, Live) else end.value)
        told.extend([progress.physical_id] if isinstance(progress, Identified) else [])
        yield


def test_each_type_of_which_something_is_refused_is_on_the_page_that_says_why() -> None:
    page = (Path(__file__).parents[2] / "docs" / "compatibility.md").read_text()
    listed = page.partition("### Properties that are refused")[2].partition("\n## ")[0]
    refused = {
        type_
        for type_, factory in FACTORIES.items()
        if _refused_of(factory, samples(type_).keys() - facts(type_).schema.read_only)
    }

    assert len(refused) > 10
    assert {type_ for type_ in refused if f"{type_.rpartition('::')[2]}`" not in listed} == set()


def _refused_of(factory: Any, names: Set[str]) -> bool:
    return bool(names - factory.settable or factory.unsettable)
