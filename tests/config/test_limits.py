"""Nothing in a project keeps a reader from ending: each is bounded, or refused with its file and line."""

from __future__ import annotations

import os
import random
import re
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from stateroom.config.packaging.globs import GlobError, check_pattern, compile_glob, matches
from stateroom.config.packaging.requirements_file import requirement_lines
from stateroom.errors import ConfigError
from stateroom.model.resource import Template
from tests.config.bench import Bench

HEAD = "service: shop\nprovider: {name: aws, runtime: python3.12}\n"


def compiled(root: Path, text: str) -> Template:
    (root / "h.py").write_text("")
    return Bench(root).compile(text)


def refused(root: Path, text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        compiled(root, text)
    assert caught.value.where is not None or "shop" in caught.value.what
    return str(caught.value)


def cheap(work: Callable[[], object]) -> None:
    """Run it in far less time than what does not end; processor time, as the machine may be busy."""
    began = time.process_time()
    work()
    assert time.process_time() - began < 5


# ---- patterns


def test_a_pattern_of_25_globstars_ends(tmp_path: Path) -> None:
    """(case `glob-never-ends`)"""
    deep = tmp_path / "/".join("abcdefghij") / "deep.txt"
    deep.parent.mkdir(parents=True)
    deep.touch()
    text = HEAD + f"package: {{patterns: ['{'**/' * 25}zz']}}\nfunctions: {{f: {{handler: h.main}}}}\n"
    cheap(lambda: compiled(tmp_path, text))


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("**/" * 25 + "zz", "a/" * 40 + "deep.txt"),
        ("**/a/" * 60 + "zz", "a/" * 1000 + "deep.txt"),
        ("*a" * 300 + "b", "a" * 3000),
        ("**a*a" * 100 + "b", ("a" * 30 + "/") * 100),
        ("?*" * 400 + "b", "a" * 3000),
        ("{a,b}" * 9 + "*" * 50, "ab" * 500),
    ],
)
def test_matching_takes_no_exponential_time(pattern: str, path: str) -> None:
    cheap(lambda: matches(pattern, path))


def test_a_glob_matches_what_a_plain_regular_expression_matches() -> None:
    dice = random.Random(7)
    plain = {"*": "[^/]*", "?": "[^/]", "**": ".*", "/**/": "/(?:.*/)?", "a": "a", "ab": "ab", "b/": "b/"}
    for _ in range(20_000):
        parts = [dice.choice(list(plain)) for _ in range(dice.randint(0, 6))]
        pattern = "".join(parts)
        if "***" in pattern or "**/**" in pattern or pattern.endswith("/"):
            continue
        if any(one.endswith("*") and other.startswith("*") for one, other in pairwise(parts)):
            continue  # parts that run together mean something else than one by one
        path = "".join(dice.choice("aab/") for _ in range(dice.randint(0, 8)))
        expected = re.fullmatch("".join(plain[part] for part in parts), path, re.DOTALL)
        assert matches(pattern, path) == bool(expected), (pattern, path)


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        ("src/{a,b}.js", ["src/a.js", "src/b.js"], ["src/c.js", "src/{a,b}.js"]),
        ("{src,lib/{x,y}}/**", ["src/q", "lib/x/q"], ["lib/z/q"]),
        ("v{1..3}.txt", ["v1.txt", "v3.txt"], ["v4.txt"]),
        ("[ab].txt", ["a.txt"], ["c.txt", "[ab].txt"]),
        ("[!ab].txt", ["c.txt"], ["a.txt", "/.txt"]),
        ("@(a|b).txt", ["a.txt"], ["c.txt"]),
        ("a?(b).txt", ["a.txt", "ab.txt"], ["abb.txt"]),
        ("{one}.txt", ["{one}.txt"], ["one.txt"]),
        ("docs/", ["docs/a/b"], ["docs"]),
    ],
)
def test_braces_ranges_and_classes(pattern: str, yes: list[str], no: list[str]) -> None:
    assert [path for path in (*yes, *no) if matches(pattern, path)] == yes


@pytest.mark.parametrize("pattern", ["{a,b}" * 25, "{1..100000}", "!(a|b)", "x/+(a)", "*(a|b)", "a" * 3000])
def test_a_pattern_that_is_not_read_is_refused_with_its_line(tmp_path: Path, pattern: str) -> None:
    with pytest.raises(GlobError):
        check_pattern(pattern)
    text = HEAD + f"package:\n  patterns:\n    - ok\n    - '{pattern}'\nfunctions: {{f: {{handler: h.main}}}}\n"
    assert "serverless.yml:6" in refused(tmp_path, text)


def test_unbalanced_braces_are_plain_characters() -> None:
    cheap(lambda: compile_glob("{" * 1500))
    assert matches("a}b{", "a}b{")


# ---- values and files


def _fifo(root: Path) -> None:
    os.mkfifo(root / "x.yml")


def _device(root: Path) -> None:
    (root / "x.yml").symlink_to("/dev/zero")


def _directory(root: Path) -> None:
    (root / "x.yml").mkdir()


def _huge(root: Path) -> None:
    with (root / "x.yml").open("wb") as file:
        file.truncate(9_000_000)


@pytest.mark.parametrize("make", [_fifo, _device, _directory, _huge])
def test_a_file_that_never_ends_is_refused_where_it_is_named(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path)
    text = HEAD + "custom: {x: '${file(./x.yml)}'}\nresources: {Outputs: {it: {Value: '${self:custom.x}'}}}\n"
    assert "serverless.yml:3" in refused(tmp_path, text)


@pytest.mark.parametrize("make", [_fifo, _device, _directory, _huge])
def test_a_serverless_yml_that_never_ends_is_refused(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path)
    (tmp_path / "x.yml").rename(tmp_path / "serverless.yml")
    with pytest.raises(ConfigError):
        Bench(tmp_path).open()


BILLION = "custom:\n  a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"  a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
)
TEXTS = {
    "aliases of aliases": HEAD + BILLION,
    "an alias of itself": HEAD + "custom: &a {x: *a}\n",
    "deep lists": HEAD + "custom: " + "[" * 3000 + "]" * 3000 + "\n",
    "deep maps": HEAD + "custom: " + "{a: " * 3000 + "1" + "}" * 3000 + "\n",
    "deep variables": HEAD + "resources: {Outputs: {it: {Value: '" + "${self:" * 3000 + "}" * 3000 + "'}}}\n",
    "a variable that is not closed": HEAD + "resources: {Outputs: {it: {Value: '" + "${self:" * 100_000 + "'}}}\n",
    "variables of themselves": HEAD + "custom: {a: '${self:custom.b}', b: '${self:custom.a}'}\n"
    "resources: {Outputs: {it: {Value: '${self:custom.a}'}}}\n",
    "a long chain of variables": HEAD
    + "custom:\n"
    + "".join(f"  v{n}: '${{self:custom.v{n + 1}}}'\n" for n in range(3000))
    + "resources: {Outputs: {it: {Value: '${self:custom.v0}'}}}\n",
    "texts that double": HEAD
    + "custom:\n  v0: xxxxxxxxxx\n"
    + "".join(f"  v{n}: '${{self:custom.v{n - 1}}}${{self:custom.v{n - 1}}}'\n" for n in range(1, 60))
    + "resources: {Outputs: {it: {Value: '${self:custom.v59}'}}}\n",
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_that_multiplies_or_is_nested_without_end_is_refused(tmp_path: Path, name: str) -> None:
    cheap(lambda: refused(tmp_path, TEXTS[name]))


@pytest.mark.parametrize("piece", ["${", "'", ", '", '"', "\\", "{", "0", "a:", "${a", "(", " ", "**/"])
def test_a_long_line_of_one_piece_ends(tmp_path: Path, piece: str) -> None:
    text = (piece * 60_000).replace("'", "''")
    functions = "functions: {f: {handler: h.main, events: [{http: {path: '{x', method: get}}]}}\n"

    def work() -> None:
        try:
            compiled(
                tmp_path,
                HEAD
                + f"custom: {{x: '{text}'}}\nresources: {{Outputs: {{it: {{Value: !Sub '${{self:custom.x}}'}}}}}}\n"
                + functions,
            )
        except ConfigError:
            return

    cheap(work)


def test_requirements_that_include_each_other_twice_end(tmp_path: Path) -> None:
    for number in range(40):
        (tmp_path / f"{number}.txt").write_text(f"-r {number + 1}.txt\n-r {number + 1}.txt\n")
    (tmp_path / "40.txt").write_text("one\n")
    with pytest.raises(OSError, match="includes more than"):
        requirement_lines(tmp_path / "0.txt", ())


def test_links_that_lead_in_circles_do_not_keep_a_package_from_being_made(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path)
    text = HEAD + "functions: {f: {handler: h.main}}\n"
    cheap(lambda: compiled(tmp_path, text))
