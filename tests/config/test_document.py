"""Project files as values, and where each is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from stateroom.config.document.document import parse
from stateroom.errors import ConfigError
from stateroom.model.values import Value

YML = Path("serverless.yml")


def refused(text: str, file: Path = YML) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        parse(text, file)
    return caught.value


def test_short_tags_become_intrinsics() -> None:
    text = "a: !Ref Queue\nb: !GetAtt Queue.Arn\nc: !Sub 'x-${Queue}'\nd: !Join ['-', [a, !Ref B]]\ne: !GetAtt [A, B]\n"
    assert parse(text, YML).value == {
        "a": {"Ref": "Queue"},
        "b": {"Fn::GetAtt": ["Queue", "Arn"]},
        "c": {"Fn::Sub": "x-${Queue}"},
        "d": {"Fn::Join": ["-", ["a", {"Ref": "B"}]]},
        "e": {"Fn::GetAtt": ["A", "B"]},
    }


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("on", "on"),
        ("yes", "yes"),
        ("2012-10-17", "2012-10-17"),
        ("1:30", "1:30"),
        ("true", True),
        ("~", None),
        ("12", 12),
        ("1.5", 1.5),
        ("2.0", 2),
        ("1e3", 1000),
        ("1_000", "1_000"),
        ("'12'", "12"),
        ("!!str 12", "12"),
    ],
)
def test_plain_scalars_mean_what_they_mean_in_javascript(written: str, meant: Value) -> None:
    value = parse(f"a: {written}", YML).value["a"]
    assert (value, type(value)) == (meant, type(meant))


def test_keys_are_text_even_when_they_look_like_numbers() -> None:
    assert parse("200: ok\ntrue: yes", YML).value == {"200": "ok", "true": "yes"}


def test_every_key_knows_its_line() -> None:
    document = parse("a:\n  b:\n    - x\n    - c: 1\n", YML)
    assert document.where(("a", "b", 1, "c")).line == 4
    assert document.where(("a", "nowhere", "deep")).line == 1


def test_merge_keys_and_anchors_work_and_own_keys_win() -> None:
    text = "base: &base {a: 1, b: 2}\nit:\n  <<: *base\n  b: 3\n"
    assert parse(text, YML).value["it"] == {"a": 1, "b": 3}


def test_a_duplicate_key_is_named_with_both_lines() -> None:
    error = refused("a: 1\nb: 2\na: 3\n")
    assert error.where is not None
    assert error.where.line == 3
    assert "duplicate key a" in error.what
    assert "line 1" in error.todo


def test_a_tab_is_explained() -> None:
    error = refused("a:\n\tb: 1\n")
    assert error.where is not None
    assert error.where.line == 2
    assert "tabs" in error.todo


def test_an_alias_of_itself_is_refused() -> None:
    assert "contains itself" in refused("a: &a [*a]").what


def test_aliases_that_multiply_are_refused_before_they_fill_the_memory() -> None:
    lines = ["l0: &l0 [x]"] + [f"l{n}: &l{n} [*l{n - 1}, *l{n - 1}, *l{n - 1}, *l{n - 1}]" for n in range(1, 40)]
    assert "multiply" in refused("\n".join(lines)).what


def test_merges_that_multiply_are_refused_while_they_are_read() -> None:
    wide = "a: &a {" + ", ".join(f"k{n}: 1" for n in range(5000)) + "}\n"
    assert "multiply" in refused(wide + "b: {<<: [" + ", ".join(["*a"] * 200) + "]}\n").what
    assert "multiply" in refused(wide + "".join(f"b{n}: {{<<: *a}}\n" for n in range(200))).what


def test_a_number_that_javascript_has_not_stays_text() -> None:
    for text in ("0x" + "f" * 5000, "0o" + "7" * 5000, "9" * 400):
        assert parse(f"a: {text}", YML).value == {"a": text}
    assert parse(f"a: 0x{'f' * 200}", YML).value == {"a": int("f" * 200, 16)}


def test_unknown_tags_are_refused() -> None:
    assert "unknown tag !Reff" in refused("a: !Reff x").what


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: 1\n\t\nb: 2\n", {"a": 1, "b": 2}),
        ("a: 1\n\t", {"a": 1}),
        ("a:\n\t# comment\n  b: 1\n", {"a": {"b": 1}}),
        ('a: "x\n\t# y"\n', {"a": "x # y"}),
        ("a: |\n  x\n  \ty\n", {"a": "x\n\ty\n"}),
    ],
)
def test_a_line_of_tabs_alone_is_empty_and_one_with_a_comment_a_comment(text: str, value: Value) -> None:
    assert parse(text, YML).value == value


def test_json_with_tabs_reads_and_keeps_lines() -> None:
    document = parse('{\n\t"a": {\n\t\t"b": 1}}', Path("x.json"))
    assert document.value == {"a": {"b": 1}}
    assert document.where(("a", "b")).line == 3


def test_broken_json_names_its_line() -> None:
    error = refused('{\n"a": }', Path("x.json"))
    assert error.where is not None
    assert error.where.line == 2
