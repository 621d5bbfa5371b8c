"""Files of secrets, `NAME=value`: what SST reads from them, and that every value comes back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stateroom.errors import UsageError
from stateroom.state.secrets.dotenv import line, lines, parse


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("", {}),
        ("\n  # a comment\n\nA=1\n#B=2\n", {"A": "1"}),
        ("export A=1\n  B = two words  \nC=", {"A": "1", "B": "two words", "C": ""}),
        ("A=1 # comment\nB=1#2\nC= # only a comment", {"A": "1", "B": "1#2", "C": "# only a comment"}),
        ("A='1 # \\n $B'\nB=\"1 # \\n \\$C \\x\"", {"A": "1 # \\n $B", "B": "1 # \n $C \\x"}),
        ('A="say \\"hi\\""\nB=\'\'\nC=""', {"A": 'say "hi"', "B": "", "C": ""}),
        ("A='one\ntwo'\nB=\"three\n\nfour\"\nC=5", {"A": "one\ntwo", "B": "three\n\nfour", "C": "5"}),
        ("A='x' # comment\nB=\"\\\\\"\nC=\\t", {"A": "x", "B": "\\", "C": "\\t"}),
        ('A="\\r\\t"\nA=last', {"A": "last"}),
        ('A="\\r\\t"', {"A": "\r\t"}),
    ],
)
def test_a_file_is_read_as_sst_reads_it(text: str, values: dict[str, str]) -> None:
    assert parse(text) == values


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("A=1\nhunter2\n", "line 2 is not NAME=value"),
        ("A=1\n\n9=hunter2", "line 3 is not NAME=value"),
        ("A=1\nB='hunter2\nC=3\n", "line 2: the quote is never closed"),
        ('B="hunter2\\"', "line 1: the quote is never closed"),
        ("B='", "line 1: the quote is never closed"),
    ],
)
def test_an_error_names_the_line_and_never_what_is_in_it(text: str, says: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse(text)
    assert refused.value.what == says
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("https://x:1/a_b-c,d+e%20@.", "N=https://x:1/a_b-c,d+e%20@."),
        ("", "N="),
        ("two words", 'N="two words"'),
        ('"\\\n\r', 'N="\\"\\\\\\n\\r"'),
    ],
)
def test_only_what_needs_quotes_has_them(value: str, text: str) -> None:
    assert line("N", value) == text
    assert lines({"N": value, "A": "1"}) == ["A=1", text]


@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"])))
def test_every_value_comes_back(value: str) -> None:
    assert parse("\n".join(lines({"A": value, "B": "1"}))) == {"A": value, "B": "1"}
