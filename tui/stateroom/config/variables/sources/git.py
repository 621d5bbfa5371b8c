"""Source `${git:branch}`, `${git:sha1}` and others: the document's checkout.

Read as files, so that no setting of the repository starts a program. What only git can answer (`isDirty`, a description
by an older tag) starts it, with those settings off, where the directory is trusted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from stateroom.config.document.suggestions import suggestion
from stateroom.config.variables.expression import ExpressionError
from stateroom.config.variables.git.checkout import Checkout, find_checkout
from stateroom.config.variables.git.files import GitUnreadableError, NeedsGitError
from stateroom.config.variables.resolver import MISSING
from stateroom.config.variables.scope import Lookup
from stateroom.errors import StateroomError, TrustError
from stateroom.model.values import Value
from stateroom.programs.access import ProgramUse
from stateroom.programs.isolated import Site, run_git
from stateroom.programs.known import GIT

_COMMANDS: Final[Mapping[str, tuple[str, ...]]] = {  # how git is asked
    "branch": ("rev-parse", "--abbrev-ref", "HEAD"),
    "commit": ("rev-parse", "--short", "HEAD"),
    "sha1": ("rev-parse", "HEAD"),
    "describe": ("describe", "--always"),
    "describeLight": ("describe", "--always", "--tags"),
    "message": ("log", "-1", "--format=%B"),
    "messageSubject": ("log", "-1", "--format=%s"),
    "messageBody": ("log", "-1", "--format=%b"),
    "user": ("config", "user.name"),
    "email": ("config", "user.email"),
    "isDirty": ("status", "--porcelain", "--ignore-submodules=dirty"),
    "repository": ("rev-parse", "--show-toplevel"),
    "tags": ("tag", "--points-at", "HEAD"),
}
_LONGEST: Final = 1_000_000  # bytes of a message
_MESSAGES: Final = ("message", "messageSubject", "messageBody")


def git(lookup: Lookup) -> Value:
    """Return git's answer; a commit's tags are joined by `::`, its id stands in without tags."""
    name = lookup.address
    if name not in _COMMANDS:
        raise ExpressionError(f"${{git:{name}}} is not known", suggestion(name, _COMMANDS))
    try:
        checkout = find_checkout(lookup.resolver.directory, lookup.scope.environment)
        try:
            text = _read(checkout, name, lookup)
        except NeedsGitError as reason:
            text = _asked(checkout, name, lookup, str(reason))
    except GitUnreadableError as error:
        raise _unreadable(name, str(error)) from None
    except OSError as error:
        raise _unreadable(name, f"{error.filename or ''}: {error.strerror or error}") from None
    return bool(text) if name == "isDirty" else text or MISSING


def _read(checkout: Checkout, name: str, lookup: Lookup) -> str:
    """Return the answer from the checkout's files. Raises NeedsGitError, GitUnreadableError."""
    if name == "isDirty":
        raise NeedsGitError("whether files have changed only git can tell")
    if name == "repository":
        return checkout.work_tree.name
    checkout.check_readable()
    if name in ("user", "email"):
        return checkout.setting("user.name" if name == "user" else "user.email", lookup.scope.environment)
    return _OF_HEAD[name](checkout, name)


def _message(checkout: Checkout, name: str) -> str:
    kind, content = checkout.objects.read(checkout.head()[1])
    headers, _, body = content.partition(b"\n\n")
    if kind != b"commit":
        raise GitUnreadableError("HEAD is not a commit")
    if len(body) > _LONGEST:
        raise GitUnreadableError(f"the message is longer than {_LONGEST:,} bytes")
    coded = re.search(rb"^encoding ([\w.-]+)$", headers, re.MULTILINE)
    try:
        text = body.decode(coded[1].decode() if coded else "utf-8", "replace").strip()
    except (LookupError, ValueError):
        text = body.decode("utf-8", "replace").strip()
    subject, _, rest = re.sub(r"\n\s*\n", "\n\n", text, count=1).partition("\n\n")
    if name == "message":
        return text
    return " ".join(line.strip() for line in subject.splitlines()) if name == "messageSubject" else rest.strip()


def _tags(checkout: Checkout, _name: str) -> str:
    _, sha = checkout.head()
    return "::".join(tag.name for tag in checkout.tags() if tag.target == sha) or sha


def _description(checkout: Checkout, name: str) -> str:
    """Describe HEAD by a tag on it, or by its id when there is no tag at all. Raises NeedsGitError in between."""
    _, sha = checkout.head()
    tags = [tag for tag in checkout.tags() if tag.annotated or name == "describeLight"]
    here = [tag for tag in tags if tag.target == sha]
    best = [tag for tag in here if tag.annotated] or here
    if len(best) == 1:
        return best[0].name
    if tags:
        raise NeedsGitError("how far HEAD is from a tag only git can tell")
    return checkout.objects.abbreviation(sha)


_OF_HEAD: Final[Mapping[str, Callable[[Checkout, str], str]]] = {
    "branch": lambda checkout, _name: checkout.branch(),
    "commit": lambda checkout, _name: checkout.objects.abbreviation(checkout.head()[1]),
    "sha1": lambda checkout, _name: checkout.head()[1],
    "describe": _description,
    "describeLight": _description,
    **dict.fromkeys(_MESSAGES, _message),
    "tags": _tags,
}


def _asked(checkout: Checkout, name: str, lookup: Lookup, reason: str) -> str:
    """Return git's own answer, where git may run."""
    access = lookup.scope.programs
    use = ProgramUse(GIT, f"answer ${{git:{name}}}")
    if refusal := access.ask(use):
        raise TrustError(f"${{git:{name}}} is not known: {reason}", todo=refusal)
    site = Site(checkout.work_tree, lookup.scope.environment)
    try:
        filters = _filters_off(checkout, site) if name == "isDirty" else ()
        done = run_git(checkout.git_dir, checkout.work_tree, [*filters, *_COMMANDS[name]], site)
    except (OSError, StateroomError):
        raise ExpressionError(f"${{git:{name}}} cannot be read: git does not run", "install git") from None
    if done.code != 0 and name not in ("user", "email"):
        raise _unreadable(name, (done.errors.strip().splitlines() or ["git failed"])[0])
    text = done.said.strip()
    return "::".join(text.split()) or checkout.head()[1] if name == "tags" else text


def _filters_off(checkout: Checkout, site: Site) -> list[str]:
    """Return switches that turn off the filters that the repository itself defines; the user's own stay.

    Raises:
        GitUnreadableError: a filter cannot be turned off.
    """
    listing = ["config", "--show-scope", "--name-only", "--null", "--get-regexp", r"^filter\."]
    done = run_git(checkout.git_dir, checkout.work_tree, listing, site)
    words = done.said.split("\0")
    found = zip(words[::2], words[1::2], strict=False)
    keys = {key for scope, key in found if scope not in ("system", "global", "command") and key.count(".") > 1}
    names = {key.split(".", 1)[1].rpartition(".")[0] for key in keys}
    if any("=" in name for name in names):
        raise GitUnreadableError("the repository defines a filter with = in its name")
    off = ("clean=", "smudge=", "process=", "required=false")
    return [part for name in sorted(names) for switch in off for part in ("-c", f"filter.{name}.{switch}")]


def _unreadable(name: str, reason: str) -> ExpressionError:
    return ExpressionError(f"${{git:{name}}} cannot be read: {reason}", "run it within a repository")
