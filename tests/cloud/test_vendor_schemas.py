"""The vendored file is what the script makes of the schemas it was made from."""

from __future__ import annotations

import gzip
import importlib.util
import json
from pathlib import Path

import pytest

from stateroom.cloud.schema.data.vendor_schemas import OUTPUT, short_node, short_type, vendor

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
