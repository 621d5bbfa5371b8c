"""The vendored file is what the script makes of the schemas it was made from."""

from __future__ import annotations

import gzip
import importlib.util
import json
from pathlib import Path

import pytest

from stateroom.cloud.schema.data.answer_facts import answer_facts
from stateroom.cloud.schema.data.rule_nodes import handler_letters, rule, type_rule
from stateroom.cloud.schema.data.vendor_schemas import (
    ANSWERS,
    OUTPUT,
    REGISTRY,
    RULES,
    short_node,
    short_type,
    vendor,
    vendor_answers,
    vendor_registry,
    vendor_rules,
)

PRESENT = json.loads(gzip.decompress(OUTPUT.read_bytes()))


def installed_schemas() -> Path | None:
    found = importlib.util.find_spec("cfnlint")
    return Path(found.origin).parent / "data" / "schemas" if found and found.origin else None


def test_the_file_can_be_made_again() -> None:
    directory = installed_schemas()
    if directory is None or not (directory / "version.json").exists():
        pytest.skip("cfn-lint is not installed")
    if json.loads((directory / "version.json").read_text())["schema_date"] != PRESENT["schema_date"]:
        pytest.skip("another cfn-lint is installed than the one the file was made from")

    assert json.loads(gzip.decompress(vendor(directory, PRESENT["types"]))) == PRESENT
    assert gzip.decompress(vendor_rules(directory, PRESENT["types"])) == gzip.decompress(RULES.read_bytes())
    assert gzip.decompress(vendor_registry(directory)) == gzip.decompress(REGISTRY.read_bytes())
    assert gzip.decompress(vendor_answers(directory)) == gzip.decompress(ANSWERS.read_bytes())


def test_the_files_are_of_one_day_and_of_the_same_types() -> None:
    rules, registry, answers = (json.loads(gzip.decompress(file.read_bytes())) for file in (RULES, REGISTRY, ANSWERS))

    assert {rules["schema_date"], registry["schema_date"], answers["schema_date"]} == {PRESENT["schema_date"]}
    assert registry["types"].keys() > answers["types"].keys()
    assert rules["types"].keys() == PRESENT["types"].keys()
    assert registry["types"].keys() > PRESENT["types"].keys()


def test_a_schema_is_reduced_to_what_checking_needs() -> None:
    schema = {
        "additionalProperties": False,
        "properties": {
            "Mode": {"type": "string", "enum": ["On", "Off"], "pattern": ".*"},
            "Days": {"type": "integer", "enum": [1, 7]},
            "Rules": {"type": "array", "items": {"$ref": "#/definitions/Rule"}},
            "Policy": {"type": ["object", "string"]},
            "Labels": {"type": "object", "patternProperties": {"[a-z]+": {"type": "string"}}},
        },
        "definitions": {"Rule": {"type": "object", "properties": {"On": {"type": "boolean"}}, "required": ["On"]}},
        "required": ["Mode"],
        "handlers": {"create": {}, "read": {}, "delete": {}},
    }

    assert type_rule(schema) == {
        "t": "o",
        "c": True,
        "q": ["Mode"],
        "p": {
            "Mode": {"t": "s", "e": ["On", "Off"]},
            "Days": {"t": "i", "e": [1, 7]},
            "Rules": {"t": "l", "i": {"r": "Rule"}},
            "Policy": {"t": "os"},
            "Labels": {"t": "o", "k": {"[a-z]+": {"t": "s"}}},
        },
        "d": {"Rule": {"t": "o", "p": {"On": {"t": "b"}}, "q": ["On"]}},
    }
    assert handler_letters(schema) == "crd"
    assert handler_letters({}) == ""


def test_a_schema_is_reduced_to_what_comparing_without_a_baseline_needs() -> None:
    schema = {
        "properties": {"Steps": {"$ref": "#/definitions/Steps"}, "Ids": {"type": "array", "insertionOrder": False}},
        "definitions": {
            "Steps": {"type": "array", "insertionOrder": True, "items": {"$ref": "#/definitions/Step"}},
            "Step": {"properties": {"Next": {"$ref": "#/definitions/Steps"}}},  # holds itself
        },
        "writeOnlyProperties": ["/properties/Login/Password"],
        "createOnlyProperties": ["/properties/Rules/items/Id"],
        "propertyTransform": {"/properties/Name": "$lowercase(Name)", "/properties/Arn": "$split(Arn, '/')"},
    }

    assert answer_facts(schema) == {"w": ["Login.Password"], "c": ["Rules.*.Id"], "o": ["Steps"], "h": ["Name"]}
    assert answer_facts({"properties": {}}) == {}


def test_combinations_are_alternatives_where_the_schema_says_nothing_else() -> None:
    either = [{"$ref": "#/definitions/Keys"}, {"type": ["object", "string"]}]
    members = {"type": "object", "properties": {"A": {"type": "string"}}}

    assert rule({"oneOf": either}) == {"a": [{"r": "Keys"}, {"t": "os"}]}
    assert rule({"anyOf": [{"type": "string"}]}) == {"a": [{"t": "s"}]}
    assert rule({"anyOf": [{"required": ["A"]}, {"required": ["B"]}]}) == {}
    assert rule(members | {"anyOf": [{"required": ["A"]}]}) == {"t": "o", "p": {"A": {"t": "s"}}}
    assert rule(members | {"oneOf": either}) == {"t": "o", "p": {"A": {"t": "s"}}}
    assert rule({"type": "array", "items": {"type": "string"}, "anyOf": either}) == {"t": "l", "i": {"t": "s"}}


def test_a_schema_is_reduced_to_what_comparing_needs() -> None:
    schema = {
        "properties": {
            "Name": {"type": "string", "pattern": ".*"},
            "Sizes": {"type": "array", "insertionOrder": False, "items": {"type": "integer"}},
            "Policy": {"type": ["object", "string"]},
            "Rule": {"$ref": "#/definitions/Rule"},
            "Tags": {"type": "array", "items": {"type": "object"}},
        },
        "definitions": {"Rule": {"type": "object", "properties": {"On": {"type": "boolean"}}}},
        "required": ["Name"],
        "createOnlyProperties": ["/properties/Name", "/properties/Rule/On"],
        "readOnlyProperties": ["/properties/Rules/*/Id"],
        "tagging": {"taggable": True, "tagProperty": "/properties/Tags"},
    }
    short = short_type(schema)

    assert short["shape"] == {
        "Name": "s",
        "Sizes": {"u": "i"},
        "Policy": "j",
        "Rule": {"r": "Rule"},
        "Tags": {"l": "j"},
    }
    assert short["definitions"] == {"Rule": {"o": {"On": "b"}}}
    assert short["create_only"] == ["Name", "Rule.On"]
    assert short["read_only"] == ["Rules.*.Id"]
    assert short["tags"] == "Tags"


def test_free_keys_are_a_map() -> None:
    assert short_node({"type": "object", "patternProperties": {".*": {"type": "string"}}}) == {"m": "s"}
