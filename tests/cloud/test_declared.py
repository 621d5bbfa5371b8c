"""The declarative core on a made-up service: what a table says is what is called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from stateroom.cloud.aws.declared.call import ApiCall, properties_in
from stateroom.cloud.aws.declared.form import CAMEL, DOCUMENT, FLAG, FLAG_AS_TEXT, NUMBER, NUMBER_AS_TEXT, SECRET, TEXT
from stateroom.cloud.aws.declared.handler import DeclaredHandler, ListedHandler
from stateroom.cloud.aws.declared.listing import Listing
from stateroom.cloud.aws.declared.setting import Setting
from stateroom.cloud.aws.declared.settle import Settling
from stateroom.cloud.aws.declared.tagging import Tagging, TagStyle
from stateroom.cloud.provider import Identity, Owner, ReadRequest, ResourceData, run
from stateroom.cloud.tags import owner_tags
from stateroom.errors import CloudError
from stateroom.model.resource import Live
from stateroom.model.values import Secret

OWNER = Owner("shop", "dev", "Thing")
OURS = owner_tags(OWNER)


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "Operation")


class Service:
    """A client whose operations answer as a test says: a value, an error, or a list of them, one a call."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def __call__(self, service: str, region: str | None = None) -> Any:
        return self

    def identity(self) -> Identity:
        return Identity("123456789012", "eu-west-1")

    def __getattr__(self, operation: str) -> Any:
        return lambda **arguments: self._answer(operation, arguments)

    def _answer(self, operation: str, arguments: dict[str, Any]) -> Any:
        self.calls.append((operation, arguments))
        answer = self.answers.get(operation, {})
        answer = answer.pop(0) if isinstance(answer, list) else answer
        if isinstance(answer, Exception):
            raise answer
        return answer

    def names(self) -> list[str]:
        return [name for name, _ in self.calls]


class Thing(DeclaredHandler):
    type = "AWS::Test::Thing"
    service = "test"
    ref = "{ThingId}"
    parent = {"HouseId": "{HouseId}"}
    address = {"ThingId": "{id}"}
    creating = ApiCall("create_thing", answer="Thing")
    reading = ApiCall("get_thing", answer="Thing")
    updating = {"": ApiCall("update_thing"), "look": ApiCall("put_look", inside="Look", whole=True)}
    deleting = ApiCall("delete_thing")
    settings = {
        "Size": Setting(NUMBER, unset=1),
        "Colour": Setting(group="look", unset="white"),
        "Shine": Setting(group="look"),
        "Kind": Setting(fixed=True),
        "Lock": Setting(write=ApiCall("lock"), clear=ApiCall("unlock"), at_create=False),
    }
    attributes = {"Arn": "{answer[Arn]}"}
    tagging = Tagging("tag", "untag")


def thing(handler: type[DeclaredHandler] = Thing, **answers: Any) -> tuple[DeclaredHandler, Service]:
    service = Service(**answers)
    return handler(service), service  # type: ignore[arg-type]


def resource(physical_id: str = "t-1", changed: str = "", **inputs: Any) -> ResourceData:
    return ResourceData(physical_id, {"HouseId": "h-1", **inputs}, {}, frozenset(changed.split()), OWNER)


def test_what_a_table_names_can_be_set_and_nothing_else() -> None:
    assert Thing.settable == {"HouseId", "Size", "Colour", "Shine", "Kind", "Lock", "Tags"}


def test_a_create_sends_parent_settings_and_tags_and_then_what_has_calls_of_its_own() -> None:
    handler, service = thing(create_thing={"Thing": {"ThingId": "t-1"}})

    made = run(handler.create(resource("", Size="3", Kind="round", Lock="tight", Colour="")))

    assert made == "t-1"
    sent = {"HouseId": "h-1", "Size": 3, "Kind": "round", "Tags": OURS}  # an empty text is no setting
    lock = {"HouseId": "h-1", "ThingId": "t-1", "Lock": "tight"}
    assert service.calls == [("create_thing", sent), ("lock", lock)]


def test_secrets_are_revealed_in_calls() -> None:
    handler, service = thing(create_thing={"Thing": {"ThingId": "t-1"}})
    run(handler.create(resource("", Kind=Secret("hush"))))
    assert service.calls[0][1]["Kind"] == "hush"


def test_an_update_sends_a_groups_changes_and_a_whole_group_whole() -> None:
    handler, service = thing()

    run(handler.update(resource("t-1", "Size Shine Kind", Size=4, Kind="flat", Shine="dull")))

    where = {"HouseId": "h-1", "ThingId": "t-1"}
    assert service.calls == [
        ("update_thing", {**where, "Size": 4}),
        ("put_look", {**where, "Look": {"Colour": "white", "Shine": "dull"}}),
    ]


def test_what_goes_away_is_sent_as_what_that_means_or_cleared() -> None:
    handler, service = thing()

    run(handler.update(resource("t-1", "Size Lock")))

    where = {"HouseId": "h-1", "ThingId": "t-1"}
    assert service.calls == [("update_thing", {**where, "Size": 1}), ("unlock", where)]


def test_a_reading_has_settings_parents_attributes_and_the_users_tags() -> None:
    answer = {"Size": 3, "Arn": "arn:t-1", "Tags": {**OURS, "team": "blue"}, "Other": 1}
    handler, _ = thing(get_thing={"Thing": answer})

    assert handler.read(resource()) == {
        "HouseId": "h-1",
        "Size": 3,
        "Arn": "arn:t-1",
        "Tags": [{"Key": "team", "Value": "blue"}],
    }


def test_what_is_missing_reads_as_nothing_and_is_deleted() -> None:
    handler, _ = thing(get_thing=refusal("ResourceNotFoundException"), delete_thing=refusal("NotFoundException"))

    assert handler.read(resource()) is None
    run(handler.delete(resource()))


def test_only_tags_that_differ_are_written() -> None:
    handler, service = thing(get_thing={"Thing": {"Tags": {**OURS, "old": "1", "team": "blue", "aws:x": "y"}}})

    before = resource("t-1", "Tags", Tags=[{"Key": "team", "Value": "red"}])
    run(handler.update(replace(before, previous={"Tags": [{"Key": "old", "Value": "1"}]})))

    where = {"HouseId": "h-1", "ThingId": "t-1"}
    assert service.calls[1:] == [("tag", {**where, "Tags": {"team": "red"}}), ("untag", {**where, "TagKeys": ["old"]})]


@pytest.mark.parametrize(
    ("style", "shaped"),
    [
        ("map", {"team": "blue"}),
        ("list", [{"Key": "team", "Value": "blue"}]),
        ("camel", [{"key": "team", "value": "blue"}]),
    ],
)
def test_tags_have_the_shape_of_their_service(style: TagStyle, shaped: Any) -> None:
    assert Tagging("tag", "untag", style=style).shaped({"team": "blue"}) == shaped


# --- names, and whose they are


class Named(DeclaredHandler):
    type = "AWS::Test::Named"
    service = "test"
    ref = "arn:{partition}:test:{region}:{account}:{Name}"
    address = {"Arn": "{id}"}
    looks_first = True
    creating = ApiCall("create_named")
    reading = ApiCall("get_named")
    updating = {"": ApiCall("update_named")}
    settings = {"Name": Setting(fixed=True), "Size": Setting()}
    tagging = Tagging("tag", "untag", ApiCall("list_tags"))


def test_an_id_can_follow_from_account_region_and_name() -> None:
    handler, service = thing(Named, list_tags={"Tags": OURS})

    found = handler.locate(resource("", Name="a"))

    assert found is not None
    assert (found.physical_id, found.tags) == ("arn:aws:test:eu-west-1:123456789012:a", OURS)
    assert service.names() == ["get_named", "list_tags"]


def test_ones_own_unfinished_work_is_completed() -> None:
    handler, service = thing(Named, list_tags={"Tags": OURS})

    assert run(handler.create(resource("", Name="a", Size=2))) == "arn:aws:test:eu-west-1:123456789012:a"

    assert "create_named" not in service.names()
    assert ("update_named", {"Arn": "arn:aws:test:eu-west-1:123456789012:a", "Size": 2}) in service.calls


@pytest.mark.parametrize("theirs", [{}, owner_tags(Owner("shop", "prod", "Thing"))])
def test_somebody_elses_is_never_taken(theirs: Mapping[str, str]) -> None:
    handler, service = thing(Named, list_tags={"Tags": theirs})

    with pytest.raises(CloudError, match=r"named .*:a exists already"):
        run(handler.create(resource("", Name="a")))
    assert not {"create_named", "update_named", "tag"} & set(service.names())


def test_a_create_that_meets_something_looks_whose_it_is() -> None:
    missing = refusal("ResourceNotFoundException")
    handler, service = thing(
        Named, get_named=[missing, {}], create_named=refusal("AlreadyExistsException"), list_tags={"Tags": OURS}
    )
    run(handler.create(resource("", Name="a", Size=2)))
    assert service.names()[:4] == ["get_named", "create_named", "get_named", "list_tags"]
    assert "update_named" in service.names()


# --- listings


class Listed(ListedHandler):
    type = "AWS::Test::Listed"
    service = "test"
    ref = "{Id}"
    parent = {"HouseId": "{HouseId}"}
    address = {"Id": "{id}"}
    creating = ApiCall("create_listed")
    reading = ApiCall("get_listed")
    listing = Listing(
        ApiCall("list_listed", answer="Items"), "{Id}", next_page="Next", same={"Name": "Name"}, absent_is_gone=True
    )
    leaving = {"State": frozenset({"DELETING"}), "Deleted": frozenset()}
    settings = {"Name": Setting()}


PAGES = [
    {"Items": [{"Id": "1", "Name": "a"}, {"Id": "2", "Name": "b", "State": "DELETING"}], "Next": "more"},
    {"Items": [{"Id": "3", "Name": "c"}, {"Id": "4", "Name": "d"}]},
]


def test_many_are_read_from_the_pages_of_their_parent() -> None:
    handler, service = thing(Listed, list_listed=list(PAGES))
    requests = [ReadRequest(key, handler.type, key, {"HouseId": "h-1"}) for key in ("1", "2", "3", "9")]

    readings = {reading.key: reading.live for reading in handler.read_many(requests)}

    assert readings == {
        "1": Live("1", {"HouseId": "h-1", "Name": "a"}),
        "2": None,
        "3": Live("3", {"HouseId": "h-1", "Name": "c"}),
        "9": None,
    }
    assert service.calls == [("list_listed", {"HouseId": "h-1"}), ("list_listed", {"HouseId": "h-1", "Next": "more"})]


def test_paging_ends_with_the_last_that_is_wanted() -> None:
    handler, service = thing(Listed, list_listed=list(PAGES))
    assert len(list(handler.read_many([ReadRequest("1", handler.type, "1", {"HouseId": "h-1"})]))) == 1
    assert len(service.calls) == 1


def test_what_the_cloud_names_is_found_by_what_is_the_same() -> None:
    handler, _ = thing(Listed, list_listed=list(PAGES))
    found = handler.locate(resource("", Name="c"))
    assert found is not None
    assert (found.physical_id, found.tags) == ("3", None)


def test_a_listing_of_a_parent_that_is_gone_is_empty() -> None:
    handler, _ = thing(Listed, list_listed=refusal("NotFoundException"))
    assert handler.locate(resource("", Name="c")) is None


@pytest.mark.parametrize("answer", [{"Id": "1", "State": "DELETING"}, {"Id": "1", "Deleted": "yesterday"}])
def test_what_is_leaving_is_gone(answer: Mapping[str, Any]) -> None:
    handler, _ = thing(Listed, get_listed=answer)
    assert handler.read(resource("1")) is None


# --- settling


class Slow(DeclaredHandler):
    type = "AWS::Test::Slow"
    service = "test"
    ref = "{Name}"
    address = {"Name": "{id}"}
    creating = ApiCall("create_slow")
    reading = ApiCall("get_slow")
    updating = {"": ApiCall("update_slow")}
    deleting = ApiCall("delete_slow")
    gone = ("waiting for it to be gone", 60)
    settling = Settling("State", frozenset({"MAKING"}), failed=frozenset({"FAILED"}), why="Reason")
    settings = {"Name": Setting()}


def quickly(task: Any) -> Any:
    return run(task, sleep=lambda _: None)


def test_the_last_reading_of_a_wait_is_the_result() -> None:
    states = [refusal("NotFoundException"), {"State": "MAKING"}, {"State": "DONE", "Name": "a"}]
    handler, service = thing(Slow, create_slow={"State": "MAKING"}, get_slow=states)

    assert quickly(handler.create(ResourceData(inputs={"Name": "a"}, owner=OWNER))) == Live("a", {"Name": "a"})
    assert service.names() == ["create_slow", "get_slow", "get_slow", "get_slow"]


def test_what_is_ready_at_once_is_not_asked_about() -> None:
    handler, service = thing(Slow, create_slow={"State": "DONE"})
    assert quickly(handler.create(ResourceData(inputs={"Name": "a"}, owner=OWNER))) == "a"
    assert service.names() == ["create_slow"]


def test_a_failure_says_why() -> None:
    handler, _ = thing(Slow, create_slow={}, get_slow={"State": "FAILED", "Reason": "no room"})
    with pytest.raises(CloudError, match="a did not become ready") as caught:
        quickly(handler.create(ResourceData(inputs={"Name": "a"}, owner=OWNER)))
    assert caught.value.why == "no room"


def test_a_deletion_waits_until_nothing_answers() -> None:
    handler, service = thing(Slow, get_slow=[{"State": "DELETING"}, {"State": "DELETING"}, refusal("NotFound")])
    quickly(handler.delete(resource("a")))
    assert service.names() == ["delete_slow", "get_slow", "get_slow", "get_slow"]


# --- templates and forms


@pytest.mark.parametrize(
    ("template", "filled"),
    [
        ("{id}", "a|b"),
        ("{part[1]}", "b"),
        ("{Days}", 7),
        ("{Days} days", "7 days"),
        ("{answer[Inner][Arn]}", "arn"),
        (["{part[0]}", "x"], ["a", "x"]),
        (True, True),
        ("arn:{partition}:{region}", "arn:aws:eu-west-1"),
    ],
)
def test_templates(template: Any, filled: Any) -> None:
    handler, _ = thing()
    names = handler.names(resource("a|b", Days=7), {"Inner": {"Arn": "arn"}})
    assert names.fill(template) == filled


def test_arguments_of_what_is_not_set_are_left_out() -> None:
    handler, _ = thing()
    assert handler.names(resource("")).fill_all({"A": "{Unset}", "B": "{HouseId}", "C": "{id}", "D": "{part[3]}"}) == {
        "B": "h-1"
    }


def test_properties_in_templates() -> None:
    assert properties_in({"A": "{id}", "B": "{Name}/{Path}", "C": "{answer[Arn]}", "D": True}) == {"Name", "Path"}


@pytest.mark.parametrize(
    ("form", "property_", "argument"),
    [
        (NUMBER, 3, 3),
        (NUMBER_AS_TEXT, 3, "3"),
        (FLAG, True, True),
        (FLAG_AS_TEXT, False, "false"),
        (TEXT, "x", "x"),
        (DOCUMENT, {"a": [1]}, '{"a":[1]}'),
        (CAMEL, {"Level": {"MaxAge": 1}}, {"level": {"maxAge": 1}}),
    ],
)
def test_forms_go_both_ways(form: Any, property_: Any, argument: Any) -> None:
    assert form.to_api(property_) == argument
    assert form.from_api(argument) == property_


def test_quoted_numbers_and_flags_of_a_config_are_what_they_mean() -> None:
    assert (NUMBER.to_api("30"), FLAG.to_api("True"), NUMBER.to_api("0.5")) == (30, True, 0.5)


def test_a_secret_that_is_read_stays_one() -> None:
    assert SECRET.from_api("hush") == Secret("hush")
