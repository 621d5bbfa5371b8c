"""Which words of a line differ from its nearest neighbour."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stateroom.presentation.words import changed_words


def changed(line: str, *others: str) -> list[str]:
    return [text for text, differs in changed_words(line, others) if differs]


def test_only_the_words_that_moved_are_changed() -> None:
    assert changed('"Action": "sqs:SendMessage"', '"Action": "sqs:*"') == ["SendMessage"]
    assert changed("rate(5 minutes)", "cron(0 2)", "rate(1 minutes)") == ["5"]


def test_without_anything_alike_all_of_it_is_changed() -> None:
    assert changed("20") == ["20"]
    assert changed("20", "ten") == ["20"]
    assert changed('    "PurgeQueue"') == ['"PurgeQueue"']


def test_lines_too_long_to_compare_are_changed_all_over() -> None:
    long = "a " * 5_000
    assert changed(long, long) == [long]


@given(st.text(), st.lists(st.text(), max_size=3))
def test_the_pieces_are_the_line(line: str, others: list[str]) -> None:
    assert "".join(text for text, _ in changed_words(line, others)) == line
