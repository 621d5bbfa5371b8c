"""Values, moments and durations in one line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stateroom.model.values import ABSENT, UNKNOWN, UNREAD, Secret, Value
from stateroom.presentation.text import asciify, cells, elide, pad, plain
from stateroom.presentation.values import age, as_json, duration, full, json_value, pair, short, spread, type_name

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("nodejs22.x", "nodejs22.x"),
        (256, "256"),
        (True, "true"),
        (None, "null"),
        ("", '""'),
        (Secret("hunter2"), "***"),
        (UNKNOWN, "(known after deploy)"),
        (ABSENT, "·"),
        (UNREAD, "(not read)"),
        ({"b": 1, "a": [Secret("x"), UNKNOWN]}, '{"a": ["***", "(known after deploy)"], "b": 1}'),
    ],
)
def test_a_value_is_shown_bare_and_in_one_line(value: Value, shown: str) -> None:
    assert short(value, 80) == shown


def test_a_long_value_loses_its_middle() -> None:
    assert short("arn:aws:lambda:eu-west-1:123:function:orders", 15) == "arn:aws…:orders"
    assert len(short("x" * 10_000_000, 40)) == 40


def test_an_escape_sequence_in_a_value_never_reaches_the_terminal() -> None:
    assert short("a\x1b[2Jb\nc\u202ed", 80) == "a\\x1b[2Jb\\nc\\u202ed"
    assert "\x1b" not in short({"k\x1b": "\x1b"}, 80)


def test_the_difference_between_two_long_values_stays_in_sight() -> None:
    before, after = pair(
        "arn:aws:sqs:eu-west-1:1:" + "q" * 60 + "-old", "arn:aws:sqs:eu-west-1:1:" + "q" * 60 + "-new", 20
    )
    assert before.endswith("-old")
    assert after.endswith("-new")
    assert "…" in before


def test_a_difference_in_the_middle_stays_in_sight() -> None:
    before, after = pair("a" * 50 + "X" + "b" * 50, "a" * 50 + "Y" + "b" * 50, 21)
    assert "X" in before
    assert "Y" in after


def test_the_string_ten_and_the_number_ten_do_not_look_alike() -> None:
    assert pair("10", 10, 20) == ('"10"', "10")
    assert pair("true", True, 20) == ('"true"', "true")
    assert spread(("10", 10, ABSENT), 20) == ('"10"', "10", "·")


def test_two_different_secrets_show_neither() -> None:
    assert pair(Secret("one"), Secret("two"), 20) == ("***", "*** (other)")


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=60), st.integers(1, 30))
def test_columns_never_overflow(a: str, b: str, c: str, width: int) -> None:
    assert all(cells(text) <= width for text in spread((a, b, c), width))


@given(st.text(alphabet="ab", max_size=80), st.text(alphabet="ab", max_size=80))
def test_one_changed_character_is_always_seen(start: str, end: str) -> None:
    before, after = pair(f"{start}X{end}", f"{start}Y{end}", 12)
    assert "X" in before
    assert "Y" in after


@given(st.text(max_size=60), st.integers(0, 30))
def test_eliding_and_padding_keep_to_the_width_of_wide_characters_too(text: str, width: int) -> None:
    assert cells(elide(text, width)) <= width
    assert cells(pad(plain(text), width)) == width


def test_ascii_mode_keeps_columns_aligned() -> None:
    assert asciify("▸256 │ · → …") == ">256 | - > ~"
    assert asciify("±") != "±"


def test_json_holds_no_secret_and_only_json() -> None:
    value = json_value({"a": Secret({"deep": "hunter2"}), "b": (1, UNKNOWN), "c": {"z", "y"}, 3: NOW})
    assert value == {"a": "***", "b": [1, "(known after deploy)"], "c": ["y", "z"], "3": "2026-03-01T12:00:00+00:00"}
    assert as_json("a") == '"a"'
    assert full(ABSENT) == "·"


@pytest.mark.parametrize(
    ("elapsed", "shown"),
    [
        (timedelta(seconds=12), "12s"),
        (timedelta(minutes=5, seconds=59), "5m"),
        (timedelta(hours=3), "3h"),
        (timedelta(days=2), "2d"),
        (timedelta(days=50), "7w"),
        (timedelta(days=800), "2y"),
        (timedelta(seconds=-30), "0s"),
    ],
)
def test_age_is_one_number_and_one_unit(elapsed: timedelta, shown: str) -> None:
    assert age(NOW - elapsed, NOW) == shown
    assert age((NOW - elapsed).replace(tzinfo=None), NOW) == shown


def test_age_of_nothing_is_nothing() -> None:
    assert age(None, NOW) == ""


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0.04, "0.0s"), (1.23, "1.2s"), (9.96, "10s"), (59.4, "59s"), (59.6, "1m00s"), (3725, "1h02m")],
)
def test_duration(seconds: float, shown: str) -> None:
    assert duration(seconds) == shown


def test_types_are_named_as_people_say_them() -> None:
    assert type_name("AWS::Lambda::Function") == "Lambda Function"
    assert type_name("Custom::Thing") == "Custom::Thing"
