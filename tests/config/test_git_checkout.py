"""Git's variables, read from its files: what git itself answers, and no git is run."""

from __future__ import annotations

import os
import random
import subprocess
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from stateroom.config.variables.expression import ExpressionError
from stateroom.config.variables.git.checkout import find_checkout
from stateroom.config.variables.git.files import GitUnreadableError, NeedsGitError, inflate
from stateroom.config.variables.git.settings import setting
from stateroom.config.variables.resolver import MISSING
from stateroom.config.variables.scope import Lookup, Scope
from stateroom.config.variables.sources.git import _COMMANDS, git
from stateroom.errors import TrustError
from stateroom.programs.access import ProgramAccess

pytestmark = pytest.mark.emulator
WHO = {"GIT_AUTHOR_NAME": "Ana", "GIT_AUTHOR_EMAIL": "a@x", "GIT_COMMITTER_NAME": "Ana", "GIT_COMMITTER_EMAIL": "a@x"}


class Repository:
    """A repository, and both answers to a variable."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(root.parent), "GIT_CONFIG_NOSYSTEM": "1", **WHO}

    def __call__(self, *arguments: str) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=self.root, env=self.environment, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def commit(self, message: str, text: str = "") -> None:
        (self.root / "file").write_text(text or message)
        self("add", "file")
        self("commit", "-q", "-m", message)

    def read(self, name: str, access: ProgramAccess | None = None, directory: Path | None = None) -> Any:
        """What a variable comes to; git does not run unless `access` says so."""

        class Resolver:
            pass

        resolver: Any = Resolver()
        resolver.directory = directory or self.root
        scope = Scope(environment=self.environment, programs=access or ProgramAccess(self.root))
        return git(Lookup(scope, resolver, name, "", "git"))

    def agree(self, *names: str) -> None:
        for name in names:
            said = self(*_COMMANDS[name])
            assert self.read(name) == ("::".join(said.split()) if name == "tags" else said or MISSING), name


ALL = ("branch", "commit", "sha1", "message", "messageSubject", "messageBody")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "shop")
    made("init", "-q", "-b", "trunk")
    return made


@pytest.mark.parametrize(
    "message",
    [
        "one",
        "one\n\ntwo\nthree\n\nfour",
        "one\ntwo\n\nthree",
        "  spaced  \n\n\n\n   indented\n",
        "Grüße\n\n✓",
        "a\n \nb",
    ],
)
def test_head_and_its_message(repository: Repository, message: str) -> None:
    repository.commit(message)
    repository.agree(*ALL, "describe", "describeLight")
    assert repository.read("repository") == "shop"


def test_packed_objects_refs_and_deltas(repository: Repository) -> None:
    noise = random.Random(3)
    for number in range(40):
        body = "\n".join(f"line {noise.random()}" for _ in range(30))
        repository.commit(f"commit {number}\n\n{body}", body)
    repository("tag", "-a", "-m", "first", "v1")
    repository("tag", "light")
    repository("branch", "old", "HEAD~20")
    repository("gc", "-q", "--aggressive")
    assert not list((repository.root / ".git" / "refs" / "heads").glob("*"))
    repository.agree(*ALL, "tags", "describe")
    for back in (1, 2, 7):
        repository("checkout", "-q", "--detach", f"HEAD~{back}")
        repository.agree(*ALL)
    repository("checkout", "-q", "old")
    repository.agree(*ALL)


def test_tags_and_what_only_git_can_describe(repository: Repository) -> None:
    repository.commit("one")
    repository("tag", "light")
    repository.agree("tags", "describe", "describeLight")
    repository("tag", "-a", "-m", "x", "v1")
    repository.agree("tags", "describe", "describeLight")
    repository.commit("two")
    assert repository.read("tags") == repository("rev-parse", "HEAD")
    with pytest.raises(TrustError, match="only git can tell"):
        repository.read("describe")
    allowed = ProgramAccess(repository.root, lambda _use: "")
    assert repository.read("describe", allowed) == repository("describe", "--always")
    assert repository.read("describeLight", allowed) == repository("describe", "--always", "--tags")


def test_detached_linked_and_nested(repository: Repository, tmp_path: Path) -> None:
    repository.commit("one")
    repository.commit("two")
    repository("checkout", "-q", "--detach", "HEAD~1")
    repository.agree(*ALL)
    linked = Repository(tmp_path / "linked")
    repository("worktree", "add", "-q", str(linked.root), "trunk")
    linked.agree(*ALL)
    assert linked.read("repository") == "linked"
    (linked.root / "deep" / "er").mkdir(parents=True)
    assert linked.read("branch", directory=linked.root / "deep" / "er") == "trunk"


def test_a_branch_with_the_name_of_a_tag(repository: Repository) -> None:
    repository.commit("one")
    repository("tag", "trunk")
    repository.agree("branch")


def test_alternates(repository: Repository, tmp_path: Path) -> None:
    repository.commit("one")
    repository("gc", "-q")
    clone = Repository(tmp_path / "clone")
    repository("clone", "-q", "--shared", str(repository.root), str(clone.root))
    clone.agree(*ALL)


def test_is_dirty_is_asked_of_git_where_it_may_run(repository: Repository) -> None:
    repository.commit("one")
    asked: list[str] = []
    allowed = ProgramAccess(repository.root, lambda use: asked.append(use.purpose) or "")  # type: ignore[func-returns-value]
    assert repository.read("isDirty", allowed) is False
    (repository.root / "file").write_text("changed")
    assert repository.read("isDirty", allowed) is True
    assert asked == ["answer ${git:isDirty}"]
    with pytest.raises(TrustError) as caught:
        repository.read("isDirty", ProgramAccess(repository.root, lambda _use: "`stateroom trust` allows it"))
    assert caught.value.todo == "`stateroom trust` allows it"


def test_a_filter_of_the_repository_does_not_run_where_git_does(repository: Repository, tmp_path: Path) -> None:
    repository.commit("one")
    (repository.root / ".gitattributes").write_text("* filter=a.b\n")
    repository("config", "filter.a.b.clean", f"touch {tmp_path}/RAN; cat")
    repository("config", "filter.a.b.process", f"touch {tmp_path}/RAN")
    repository("config", "core.fsmonitor", f"touch {tmp_path}/RAN")
    (repository.root / "file").write_text("changed")
    allowed = ProgramAccess(repository.root, lambda _use: "")
    assert repository.read("isDirty", allowed) is True
    assert not (tmp_path / "RAN").exists()
    repository("config", "filter.a=b.clean", f"touch {tmp_path}/RAN; cat")
    with pytest.raises(ExpressionError, match="with = in its name"):
        repository.read("isDirty", allowed)


def test_the_user_is_read_from_the_users_files_and_the_repositorys(repository: Repository) -> None:
    home = repository.root.parent
    assert repository.read("user") is MISSING
    (home / "more").write_text('[user]\n\tname = "Ana  B" # who\n\temail = ana@example.org\n')
    (home / ".gitconfig").write_text("[core]\n\tpager = x\n[include]\n\tpath = ~/more\n")
    assert (repository.read("user"), repository.read("email")) == ("Ana  B", "ana@example.org")
    repository("config", "user.name", 'Bo "the" one\\two')
    repository.agree("user", "email")
    (home / ".gitconfig").write_text('[includeIf "gitdir:/x"]\n\tpath = more\n')
    with pytest.raises(TrustError, match="on a condition"):
        repository.read("user")


def test_what_is_no_checkout_says_so(repository: Repository, tmp_path: Path) -> None:
    with pytest.raises(ExpressionError, match="there is no commit yet"):
        repository.read("sha1")
    bare = Repository(tmp_path / "bare")
    bare("init", "-q", "--bare")
    with pytest.raises(ExpressionError, match="not a git checkout"):
        bare.read("sha1")
    with pytest.raises(GitUnreadableError):
        find_checkout(repository.root / "deep", {"GIT_CEILING_DIRECTORIES": str(repository.root)})


def test_what_a_stranger_wrote_ends(repository: Repository) -> None:
    repository.commit("one")
    directory = repository.root / ".git"
    sha = repository("rev-parse", "HEAD")
    loose = directory / "objects" / sha[:2] / sha[2:]
    loose.chmod(0o644)
    loose.write_bytes(b"damaged")
    with pytest.raises(ExpressionError, match="damaged"):
        repository.read("message")
    (directory / "HEAD").write_text("ref: refs/heads/a\n")
    (directory / "refs" / "heads" / "a").write_text("ref: refs/heads/b\n")
    (directory / "refs" / "heads" / "b").write_text("ref: refs/heads/a\n")
    with pytest.raises(ExpressionError, match="circle"):
        repository.read("sha1")
    (directory / "HEAD").write_text("ref: refs/../../../secret\n")
    with pytest.raises(ExpressionError, match="no commit yet"):
        repository.read("sha1")
    (directory / "HEAD").unlink()
    os.mkfifo(directory / "HEAD")
    with pytest.raises(ExpressionError, match="not a git checkout"):
        repository.read("sha1")


def test_what_becomes_too_large_and_what_is_cut_off_end(repository: Repository) -> None:
    with pytest.raises(GitUnreadableError, match="larger than"):
        inflate(BytesIO(zlib.compress(b"x" * 100_000)), 99_999)
    assert inflate(BytesIO(zlib.compress(b"x" * 100_000) + b"more"), 100_000) == b"x" * 100_000
    with pytest.raises(GitUnreadableError, match="damaged"):
        inflate(BytesIO(zlib.compress(os.urandom(100_000))[:50_000]))
    repository.commit("one")
    repository("gc", "-q")
    (pack,) = (repository.root / ".git" / "objects" / "pack").glob("*.pack")
    pack.unlink()
    os.mkfifo(pack)
    with pytest.raises(ExpressionError, match="is not there"):
        repository.read("message")
    (index,) = pack.parent.glob("*.idx")
    index.chmod(0o644)
    index.write_bytes(index.read_bytes()[:1100])
    with pytest.raises(ExpressionError, match="cut off"):
        repository.read("message")


def test_settings_that_include_each_other_end(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("[include]\npath = a\n")
    with pytest.raises(GitUnreadableError, match="too many"):
        setting("user.name", [tmp_path / "a"], None)
    for level in range(8):
        (tmp_path / f"l{level}").write_text(f"[include]\npath = l{level + 1}\n" * 30)
    with pytest.raises(GitUnreadableError, match="too many"):
        setting("user.name", [tmp_path / "l0"], None)


def test_settings_and_messages_without_end_are_not_read(repository: Repository) -> None:
    (repository.root / "message").write_text("x" * 1_000_001)
    repository("commit", "-q", "--allow-empty", "-F", "message")
    with pytest.raises(ExpressionError, match="longer than"):
        repository.read("message")
    (repository.root / ".git" / "config").write_text("[user]\nname = " + "x" * 1_000_000)
    with pytest.raises(ExpressionError, match="larger than"):
        repository.read("user")


def test_other_formats_need_git(repository: Repository) -> None:
    repository.commit("one")
    repository("config", "extensions.objectFormat", "sha256")
    with pytest.raises(NeedsGitError):
        find_checkout(repository.root, {}).check_readable()
