"""A checkout: its directories, what HEAD is, its refs and tags."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from stateroom.config.variables.git.files import GitUnreadableError, NeedsGitError, read_text
from stateroom.config.variables.git.objects import SHA, ObjectStore
from stateroom.config.variables.git.settings import setting

_MOST_REFS: Final = 100_000
_LINKS: Final = 5  # symbolic refs that name symbolic refs


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag: its name, and the commit (or other object) that it points at."""

    name: str
    target: str
    annotated: bool


@dataclass(frozen=True, slots=True)
class Checkout:
    """A working tree with its git directory.

    `common` holds refs, objects and settings; in a linked working tree it is another directory than `git_dir`.
    """

    work_tree: Path
    git_dir: Path
    common: Path

    @property
    def objects(self) -> ObjectStore:
        """The repository's objects."""
        return ObjectStore(self.common / "objects")

    def head(self) -> tuple[str, str]:
        """Return (ref, commit) of HEAD; the ref is "" when no branch is checked out.

        Raises:
            GitUnreadableError: there is no commit yet, or HEAD cannot be read.
        """
        text = self._symbolic("HEAD")
        ref = text.removeprefix("ref:").strip() if text.startswith("ref:") else ""
        sha = self._resolve(ref) if ref else text
        if not SHA.fullmatch(sha):
            raise GitUnreadableError("there is no commit yet")
        return ref, sha

    def branch(self) -> str:
        """Return the branch as `git rev-parse --abbrev-ref HEAD` does: `HEAD` when none is checked out."""
        ref, _ = self.head()
        if not ref:
            return "HEAD"
        name = ref.removeprefix("refs/heads/")
        ambiguous = name != ref and any(self._resolve(f"refs/{other}") for other in (name, f"tags/{name}"))
        return f"heads/{name}" if ambiguous else name

    def tags(self) -> tuple[Tag, ...]:
        """Return all tags, by name. Raises GitUnreadableError."""
        objects = self.objects
        return tuple(_tag(name, sha, objects) for name, sha in sorted(self._refs("refs/tags/").items()))

    def setting(self, name: str, environment: Mapping[str, str]) -> str:
        """Return a setting of git for this checkout, the user's own included; "" when it is not set.

        Raises:
            NeedsGitError, GitUnreadableError
        """
        home = Path(environment["HOME"]) if environment.get("HOME") else None
        files = [Path("/etc/gitconfig")]
        if home is not None:
            files += [Path(environment.get("XDG_CONFIG_HOME") or home / ".config") / "git" / "config"]
            files += [home / ".gitconfig"]
        return setting(name, [*files, self.common / "config", self.git_dir / "config.worktree"], home)

    def check_readable(self) -> None:
        """Check that refs and objects are as this module reads them. Raises NeedsGitError."""
        own = [self.common / "config"]
        if (self.common / "reftable").exists():
            raise NeedsGitError("its refs are kept in a reftable")
        if setting("extensions.objectformat", own, None).lower() not in ("", "sha1"):
            raise NeedsGitError("its objects have other ids than SHA-1")

    def _symbolic(self, name: str) -> str:
        directory = self.git_dir if name == "HEAD" else self.common
        return (read_text(directory / name) or "").strip()

    def _resolve(self, ref: str) -> str:
        """Return the id that a ref names; "" when there is none."""
        for _ in range(_LINKS):
            if not _is_ref(ref):
                return ""
            text = self._symbolic(ref)
            if not text.startswith("ref:"):
                return text or self._packed().get(ref, "")
            ref = text.removeprefix("ref:").strip()
        raise GitUnreadableError("its refs lead in a circle")

    def _refs(self, prefix: str) -> dict[str, str]:
        """Return the refs below a prefix, by the rest of their names; loose ones go before packed ones."""
        found = {ref: sha for ref, sha in self._packed().items() if ref.startswith(prefix)}
        top = self.common / prefix
        for path in _files_below(top):
            ref = prefix + path.relative_to(top).as_posix()
            found[ref] = self._resolve(ref)
        return {ref.removeprefix(prefix): sha for ref, sha in found.items() if SHA.fullmatch(sha)}

    def _packed(self) -> dict[str, str]:
        lines = (read_text(self.common / "packed-refs") or "").splitlines()
        pairs = (line.split(" ", 1) for line in lines if " " in line and not line.startswith(("#", "^")))
        return {ref: sha for sha, ref in pairs}


def find_checkout(directory: Path, environment: Mapping[str, str]) -> Checkout:
    """Find the checkout that a directory is in, by a `.git` in it or above it. Never takes a bare repository for one.

    As git does, it looks no further up than below the directories of GIT_CEILING_DIRECTORIES.

    Raises:
        GitUnreadableError: there is none.
    """
    directory = directory.resolve()
    ceilings = {Path(path) for path in environment.get("GIT_CEILING_DIRECTORIES", "").split(os.pathsep) if path}
    for work_tree in (directory, *directory.parents):
        if work_tree in ceilings and work_tree != directory:
            break
        git_dir = _git_dir(work_tree)
        if git_dir is not None:
            common = (read_text(git_dir / "commondir") or ".").strip()
            return Checkout(work_tree, git_dir, (git_dir / common).resolve())
    raise GitUnreadableError("not a git checkout")


def _git_dir(work_tree: Path) -> Path | None:
    place = work_tree / ".git"
    if not place.is_dir():
        text = (read_text(place) or "").strip()
        place = work_tree / text.removeprefix("gitdir:").strip() if text.startswith("gitdir:") else place
    whole = (place / "HEAD").is_file() and ((place / "objects").is_dir() or (place / "commondir").is_file())
    return place.resolve() if whole else None


def _is_ref(name: str) -> bool:
    return name.startswith("refs/") and ".." not in name.split("/") and "\0" not in name


def _files_below(top: Path) -> Iterator[Path]:
    seen = 0
    for directory, _, names in os.walk(top):
        for name in names:
            seen += 1
            if seen > _MOST_REFS:
                raise GitUnreadableError(f"it has more than {_MOST_REFS} refs")
            yield Path(directory) / name


def _tag(name: str, sha: str, objects: ObjectStore) -> Tag:
    try:
        kind, content = objects.read(sha)
    except GitUnreadableError:  # a shallow or partial clone may lack what an old tag names
        return Tag(name, sha, annotated=False)
    if kind != b"tag":
        return Tag(name, sha, annotated=False)
    target = content.partition(b"\n")[0].removeprefix(b"object ").decode("ascii", "replace")
    return Tag(name, target, annotated=True)
