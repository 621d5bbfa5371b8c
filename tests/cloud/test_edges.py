"""Edges of what is common to all types: readings without a reader, facts that are changed, documents in properties."""

from __future__ import annotations

import io
import urllib.request
from typing import Any

import pytest

from stateroom.cloud import remote_values
from stateroom.cloud.aws.reading import read_one
from stateroom.cloud.aws.shapes import from_json
from stateroom.cloud.provider import ReadRequest
from stateroom.cloud.remote_values import _fetched
from stateroom.cloud.schema.facts import with_node
from stateroom.errors import CloudError
from stateroom.model.remote import WebDocument


def test_a_type_that_nobody_reads_is_not_said_to_be_gone() -> None:
    reading = read_one(None, ReadRequest("Thing", "AWS::New::Thing", "thing-1", {}))
    assert reading.live is None
    assert isinstance(reading.error, CloudError)
    assert reading.error.lines()[:2] == (
        "could not read AWS::New::Thing thing-1",
        "stateroom has no reader for this type yet",
    )


def test_a_node_is_changed_at_its_path_alone_and_at_no_unknown_one() -> None:
    definitions: dict[str, Any] = {"Rule": {"o": {"On": "b", "Days": "i"}}}
    node: Any = {"o": {"Rules": {"l": {"r": "Rule"}}, "Map": {"m": {"o": {"A": "s"}}}, "Name": "s"}}
    changed = with_node(node, ["Rules", "*", "Days"], "j", definitions)
    assert changed["o"]["Rules"] == {"l": {"o": {"On": "b", "Days": "j"}}}
    assert {**changed["o"], "Rules": None} == {**node["o"], "Rules": None}
    assert with_node(node, ["Map", "*", "A"], "j", definitions)["o"]["Map"] == {"m": {"o": {"A": "j"}}}
    assert with_node(node, ["Name"], "i", definitions)["o"]["Name"] == "i"
    assert with_node(node, [], "j", definitions) == "j"
    for unknown in (["Other"], ["Rules", "*", "Other"], ["Name", "Deeper"]):
        assert "j" not in str(with_node(node, unknown, "j", definitions))


@pytest.mark.parametrize(
    ("text", "value"), [('{"a": [1]}', {"a": [1]}), ("no JSON", "no JSON"), ({"a": 1}, {"a": 1}), (None, None)]
)
def test_a_document_that_is_a_text_is_read_and_another_text_stays(text: Any, value: Any) -> None:
    assert from_json(text) == value


@pytest.mark.parametrize(("size", "whole"), [(10, True), (11, False), (500, False)])
def test_a_web_document_is_read_whole_or_refused(monkeypatch: pytest.MonkeyPatch, size: int, whole: bool) -> None:
    monkeypatch.setattr(remote_values, "_LARGEST", 10)
    monkeypatch.setattr(urllib.request, "urlopen", lambda *_, **__: io.BytesIO(b"x" * size))
    request = WebDocument("https://example.test/a.json")
    if whole:
        assert _fetched(request) == "x" * size
    else:
        with pytest.raises(CloudError, match="larger than 10 bytes"):
            _fetched(request)
