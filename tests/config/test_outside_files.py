"""A checkout reads itself: what else is on the machine is asked for, however a variable gets there."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from stateroom.config.document.document import Document
from stateroom.config.variables.expression import ExpressionError
from stateroom.config.variables.resolver import Resolver, Source
from stateroom.config.variables.scope import Lookup, Scope
from stateroom.config.variables.sources.env import env
from stateroom.config.variables.sources.file import file
from stateroom.errors import TrustError
from stateroom.model.values import Value
from stateroom.programs.access import ProgramAccess
from stateroom.programs.trust_store import TrustStore

KEYS = "[default]\naws_secret_access_key=hush\n"


def nothing(_resolver: Resolver, name: str) -> Source:
    raise ExpressionError(f"{name} is not known")


@dataclass
class Machine:
    """A home directory with keys in it, and a project below."""

    home: Path
    access: ProgramAccess = field(default_factory=ProgramAccess)

    @property
    def project(self) -> Path:
        return self.home / "src" / "shop"

    def lookup(self, address: str = "", params: str = "") -> Lookup:
        document = Document(self.project / "serverless.yml", {})
        scope = Scope(stage="dev", environment={"HOME": str(self.home)}, programs=self.access)
        return Lookup(scope, Resolver(document, {}, nothing), address, params, "file")

    def text(self, name: str) -> Value:
        found = file(self.lookup(params=name))
        return getattr(found, "value", found)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    made = Machine(tmp_path / "home")
    made.project.mkdir(parents=True)
    (made.home / ".aws").mkdir()
    (made.home / ".aws" / "credentials").write_text(KEYS)
    (made.project / "serverless.yml").write_text("")
    (made.project / "link.txt").symlink_to(made.home / ".aws" / "credentials")
    (made.project / "links").symlink_to(made.home)
    (made.project / "note.txt").write_text("ours")
    made.access = ProgramAccess(made.project, lambda _use: "`stateroom trust` allows it")
    return made


def checkout(directory: Path) -> None:
    """Make a directory look like a git checkout."""
    (directory / ".git" / "objects").mkdir(parents=True)
    (directory / ".git" / "HEAD").write_text("ref: refs/heads/trunk\n")


@pytest.mark.parametrize(
    "name",
    ["~/.aws/credentials", "../../.aws/credentials", "{home}/.aws/credentials", "link.txt", "links/.aws/credentials"],
)
def test_a_file_outside_is_not_read_until_that_is_allowed(machine: Machine, name: str) -> None:
    name = name.format(home=machine.home)
    with pytest.raises(TrustError, match="outside of the project"):
        machine.text(name)
    (use,) = machine.access.refused
    assert use.files == (machine.project / "serverless.yml", machine.home / ".aws" / "credentials")
    machine.access = ProgramAccess(machine.project, lambda _use: "")
    assert machine.text(name) == KEYS


def test_an_environment_file_that_leads_outside_is_not_read_either(machine: Machine) -> None:
    (machine.project / ".env").symlink_to(machine.home / ".aws" / "credentials")
    lookup = machine.lookup("aws_secret_access_key")
    for _ in range(2):
        with pytest.raises(TrustError):
            env(lookup)


def test_what_the_system_says_about_processes_is_never_read(machine: Machine) -> None:
    machine.access = ProgramAccess(machine.project, lambda _use: "")
    (machine.project / "me.txt").symlink_to("/proc/self/environ")
    for name in ("/proc/self/environ", "me.txt", "../../../../../../../../../../proc/1/environ"):
        with pytest.raises(ExpressionError, match="processes and their secrets"):
            machine.text(name)


def test_the_checkout_around_a_project_is_its_own(machine: Machine) -> None:
    (machine.home / "src" / "shared.txt").write_text("shared")
    with pytest.raises(TrustError):
        machine.text("../shared.txt")
    checkout(machine.home / "src")
    assert machine.text("../shared.txt") == "shared"
    assert machine.text("note.txt") == "ours"
    with pytest.raises(TrustError):
        machine.text("../../.aws/credentials")


def test_a_checkout_that_holds_the_home_directory_is_the_users(machine: Machine) -> None:
    checkout(machine.home)
    with pytest.raises(TrustError):
        machine.text("~/.aws/credentials")


def test_a_yes_holds_for_that_file_and_that_config(machine: Machine, tmp_path: Path) -> None:
    store = TrustStore(tmp_path / "trust.json")
    machine.access = ProgramAccess(machine.project, lambda use: store.refusal(machine.project, use))
    with pytest.raises(TrustError, match="outside") as asked:
        machine.text("~/.aws/credentials")
    assert asked.value.todo == f"`stateroom trust` allows variables to read it for {machine.project}"
    store.trust(machine.project, machine.access.refused)
    machine.access.wanted.clear()
    assert machine.text("~/.aws/credentials") == KEYS
    (machine.home / ".netrc").write_text("")
    (machine.home / ".aws" / "credentials").write_text("other")
    for name, changed in (("~/.netrc", "is new"), ("~/.aws/credentials", "has changed")):
        machine.access.wanted.clear()
        with pytest.raises(TrustError) as again:
            machine.text(name)
        assert changed in again.value.todo
