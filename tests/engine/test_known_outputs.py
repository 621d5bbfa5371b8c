"""Another service's output where a config needs a text: its value when it is known, else a plan after that deploy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from stateroom.config.siblings import OutputValue, symbolic, with_outputs
from stateroom.engine.opening.known_outputs import compile_for_names, compile_with_outputs
from stateroom.errors import ConfigError, KnownLaterError
from stateroom.model.plan import DeferredService
from stateroom.model.resource import Resource, Template
from stateroom.model.values import UNKNOWN, Value
from tests.engine.lab import QUEUE, Config, Lab, LabWorkspace

URL = {"Fn::ServiceOutput": ["orders", "url"]}


def topics(output: OutputValue, *, broken: bool = False) -> Template:
    """Compile what is named by an output, as a subscription is by its topic's ARN."""
    url = output("orders", "url")
    if not isinstance(url, str) or broken:
        raise ConfigError("not a literal text" if not broken else "no handler")
    name = f"On{len(url)}"
    return Template("billing", "billing", "dev", "eu-west-1", {name: Resource(name, QUEUE, {"QueueName": url})})


def references(output: OutputValue) -> Template:
    return Template(
        "billing", "billing", "dev", "eu-west-1", {"Q": Resource("Q", QUEUE, {"Url": output("orders", "url")})}
    )


@pytest.mark.parametrize("outputs", [{}, {"orders": {"url": "https://x"}}, {"orders": {"url": UNKNOWN}}])
def test_what_compiles_with_references_keeps_them(outputs: Mapping[str, Mapping[str, Value]]) -> None:
    assert compile_with_outputs(references, "billing", outputs).resources["Q"].properties == {"Url": URL}


def test_what_needs_a_text_gets_the_value_that_is_known() -> None:
    found = compile_with_outputs(topics, "billing", {"orders": {"url": "https://x"}})
    assert list(found.resources) == ["On9"]


@pytest.mark.parametrize("outputs", [{}, {"orders": {"url": UNKNOWN}}])
def test_what_needs_a_text_that_nobody_knows_yet_is_known_later(outputs: Mapping[str, Mapping[str, Value]]) -> None:
    with pytest.raises(KnownLaterError) as caught:
        compile_with_outputs(topics, "billing", outputs)
    assert caught.value.services == ("orders",)
    assert "url of orders" in caught.value.why


def test_an_output_that_a_deployed_service_does_not_have_is_named_with_those_that_it_has() -> None:
    with pytest.raises(ConfigError, match="orders has no such output") as caught:
        compile_with_outputs(topics, "billing", {"orders": {"arn": "a"}})
    assert not isinstance(caught.value, KnownLaterError)
    assert caught.value.why == "its outputs: arn"


@pytest.mark.parametrize("outputs", [{}, {"orders": {}}, {"orders": {"arn": "a"}}])
def test_an_output_that_no_config_declares_waits_for_no_deploy(outputs: Mapping[str, Mapping[str, Value]]) -> None:
    with pytest.raises(ConfigError, match="orders has no such output") as caught:
        compile_with_outputs(topics, "billing", outputs, lambda _: {"arn", "urls"})
    assert not isinstance(caught.value, KnownLaterError)
    assert (caught.value.why, caught.value.todo) == ("its outputs: arn, urls", "did you mean urls?")


def test_an_output_that_is_declared_since_the_last_deploy_is_known_after_the_next() -> None:
    with pytest.raises(KnownLaterError):
        compile_with_outputs(topics, "billing", {"orders": {"arn": "a"}}, lambda _: {"arn", "url"})


def test_another_mistake_is_not_hidden_behind_an_output_that_is_not_known() -> None:
    with pytest.raises(ConfigError, match="no handler"):
        compile_with_outputs(lambda output: topics(output, broken=True), "billing", {})


def literal(output: OutputValue, name: str) -> str:
    value = output("orders", name)
    if not isinstance(value, str):
        raise ConfigError(f"{name} is not a literal text")
    return value


def two_topics(output: OutputValue) -> Template:
    """Compile two subscriptions, which may not be the same."""
    first, second = literal(output, "paid"), literal(output, "sent")
    if first == second:
        raise ConfigError(f"{first} is made twice")
    return Template("billing", "billing", "dev", "eu-west-1", {})


def of_kind(output: OutputValue, name: str, kind: str) -> Template:
    """Compile what must be the ARN of a service: a stream's, a queue's."""
    if f":{kind}:" not in literal(output, name):
        raise ConfigError(f"{name} is no ARN of {kind}")
    return Template("billing", "billing", "dev", "eu-west-1", {})


def a_topic_and_a_stream(output: OutputValue) -> Template:
    of_kind(output, "topic", "sns")
    return of_kind(output, "stream", "dynamodb")


@pytest.mark.parametrize(
    ("compile_", "why"),
    [
        pytest.param(two_topics, "paid of orders", id="two-topics"),
        pytest.param(lambda output: of_kind(output, "stream", "dynamodb"), "stream of orders", id="stream-of-a-table"),
        pytest.param(lambda output: of_kind(output, "stream", "kinesis"), "stream of orders", id="kinesis"),
        pytest.param(lambda output: of_kind(output, "queue", "sqs"), "queue of orders", id="queue"),
        pytest.param(lambda output: of_kind(output, "authorizer", "lambda"), "authorizer of orders", id="function"),
        pytest.param(a_topic_and_a_stream, "topic of orders", id="topic-and-stream"),
    ],
)
def test_texts_of_every_kind_are_known_later(compile_: Callable[[OutputValue], Template], why: str) -> None:
    with pytest.raises(KnownLaterError) as caught:
        compile_with_outputs(compile_, "billing", {"orders": {}.fromkeys(_NAMES, UNKNOWN)})
    assert why in caught.value.why


_NAMES = ("authorizer", "paid", "queue", "sent", "stream", "topic")


def test_names_of_resources_are_found_without_any_value() -> None:
    assert len(compile_for_names(topics).resources) == 1


def test_a_text_around_known_outputs_is_put_together() -> None:
    value = {"Fn::Join": ["", ["https://", URL, "/x"]]}
    assert with_outputs({"u": [value]}, lambda *_: "a.b") == {"u": ["https://a.b/x"]}
    assert with_outputs(value, symbolic) == value


# ---- a project of three


class ThreeWorkspace(LabWorkspace):
    """`billing` is named by an output of `orders`; `mail` comes after `billing`."""

    def template(self, service: str, *args: Any, output: OutputValue = symbolic, **options: Any) -> Template:
        found = super().template(service, *args, **options)
        return replace(topics(output), service=service, app=found.app) if service == "billing" else found


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    monkeypatch.setattr("tests.engine.lab.LabWorkspace", ThreeWorkspace)
    queue = {"Q": (QUEUE, {"QueueName": "q"})}
    return Lab(
        tmp_path,
        Config(
            {"orders": queue, "billing": {}, "mail": {"M": (QUEUE, {"QueueName": "m"})}},
            outputs={"orders": {"url": {"Ref": "Q"}}},
            depends_on={"billing": ("orders",), "mail": ("billing",)},
        ),
    )


def test_a_first_deploy_goes_level_by_level(lab: Lab) -> None:
    """A topic's ARN of another service (case `output-as-sns-topic`)."""
    plan = lab.plan()
    assert [item.service for item in plan.services] == ["orders"]
    assert [(item.service, item.after) for item in plan.deferred] == [("billing", ("orders",)), ("mail", ("billing",))]
    assert isinstance(plan.deferred[0], DeferredService)

    assert lab.run().ok
    rest = lab.plan(services=("billing", "mail"))
    assert rest.deferred == ()
    assert [step.service for step in rest.steps()] == ["billing", "mail"]
    assert lab.run(services=("billing", "mail")).ok
    assert lab.plan().empty
    assert lab.statuses() == {}


def test_without_the_other_service_in_the_plan_there_is_no_later(lab: Lab) -> None:
    with pytest.raises(KnownLaterError) as caught:
        lab.plan(services=("billing",))
    assert caught.value.todo == "deploy orders first"


def test_a_service_that_waits_for_an_output_is_planned_again_when_that_will_change(lab: Lab) -> None:
    lab.run()
    lab.run(services=("billing", "mail"))
    lab.config.resources["orders"]["Q"] = (QUEUE, {"QueueName": "another"})
    plan = lab.plan()
    assert [item.service for item in plan.services if not item.empty] == ["orders"]
    assert [item.service for item in plan.deferred] == ["billing", "mail"]
