"""A state of ten thousand records is read and written in little more time than its JSON takes."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator

import pytest

from stateroom.cli import COLLECTOR
from stateroom.model.resource import Record
from stateroom.state.checkpoint.codec import decode, encode
from tests.state.builders import sealed_shut, snapshot
from tests.support.ratio import times_as_long

LIMIT = 3.0  # times what the standard library takes to read and write the same bytes; 1.8 when this was written


@pytest.fixture
def collector() -> Iterator[None]:
    """The collector as the program sets it."""
    before = gc.get_threshold()
    gc.set_threshold(*COLLECTOR)
    yield
    gc.set_threshold(*before)


@pytest.mark.speed
@pytest.mark.usefixtures("collector")
def test_ten_thousand_records_are_decoded_and_encoded_within_a_second() -> None:
    properties = {f"Property{number}": {"Key": f"value-{number}", "List": [1, 2, "three"]} for number in range(8)}
    records = [
        Record(
            f"Fn{number}", "AWS::Lambda::Function", f"fn-{number}", properties, {**properties, "Arn": f"arn:{number}"}
        )
        for number in range(10_000)
    ]
    data = encode(snapshot(*records), sealed_shut())
    ratio = times_as_long(
        lambda: encode(decode(data, sealed_shut()), sealed_shut()), lambda: json.dumps(json.loads(data)), LIMIT
    )
    assert ratio < LIMIT, f"for {len(data) / 1e6:.0f} MB"
