"""Trust is remembered for a directory and the files that decide what its programs do, where only the user can write."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from stateroom.engine.opening.project_trust import program_access
from stateroom.engine.options import WorkspaceOptions
from stateroom.errors import StateroomError, UsageError
from stateroom.programs.access import NO_PROGRAMS, ProgramUse
from stateroom.programs.known import GIT, PIP
from stateroom.programs.trust_store import TrustStore, named_directories, trust_store


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    root.mkdir()
    (root / "requirements.txt").write_text("soap\n")
    (root / "serverless.yml").write_text("service: shop\n")
    return root


@pytest.fixture
def store(tmp_path: Path) -> TrustStore:
    return trust_store({"XDG_DATA_HOME": str(tmp_path / "data")})


def use(root: Path, *names: str) -> ProgramUse:
    return ProgramUse(PIP, "install requirements.txt of shop", tuple(root / name for name in names))


def test_nothing_may_run_by_default(project: Path) -> None:
    assert NO_PROGRAMS.ask(use(project))


def test_a_yes_holds_until_a_file_changes_comes_or_goes(project: Path, store: TrustStore) -> None:
    wanted = use(project, "requirements.txt", "serverless.yml")
    assert store.refusal(project, wanted) == f"`stateroom trust` allows pip to run for {project}"
    store.trust(project, [wanted])
    assert store.refusal(project, wanted) == ""
    (project / "requirements.txt").write_text("soap\n./evil\n")
    assert "requirements.txt has changed since pip was allowed to run" in store.refusal(project, wanted)
    assert store.directories()[0].changed() == ("requirements.txt",)
    store.trust(project, [wanted])
    assert "more.txt is new since" in store.refusal(project, use(project, "requirements.txt", "more.txt"))
    (project / "serverless.yml").unlink()
    assert "serverless.yml has changed since" in store.refusal(project, wanted)


def test_a_file_that_decided_and_is_gone_asks_again_though_nothing_names_it_any_more(
    project: Path, store: TrustStore
) -> None:
    """Without its pyproject.toml a library is built in another way."""
    (project / "pyproject.toml").write_text("")
    store.trust(project, [use(project, "requirements.txt", "pyproject.toml")])
    (project / "pyproject.toml").unlink()
    assert "pyproject.toml has changed since" in store.refusal(project, use(project, "requirements.txt"))


def test_a_trust_file_that_is_nested_without_end_is_not_believed(project: Path, tmp_path: Path) -> None:
    (tmp_path / "data" / "stateroom").mkdir(parents=True)
    file = tmp_path / "data" / "stateroom" / "trust.json"
    file.touch(0o600)
    file.write_text("[" * 100_000)
    with pytest.raises(StateroomError, match="cannot be read"):
        TrustStore(file).refusal(project, use(project))


def test_one_program_is_not_another_and_one_directory_not_another(
    project: Path, store: TrustStore, tmp_path: Path
) -> None:
    store.trust(project, [use(project, "requirements.txt")])
    assert "allows git to run" in store.refusal(project, ProgramUse(GIT, "answer"))
    copy = tmp_path / "copy"
    copy.mkdir()
    (copy / "requirements.txt").write_text("soap\n")
    assert store.refusal(copy, use(copy, "requirements.txt"))


def test_a_link_to_a_trusted_directory_is_that_directory(project: Path, store: TrustStore, tmp_path: Path) -> None:
    store.trust(project, [use(project, "requirements.txt")])
    (tmp_path / "link").symlink_to(project)
    assert store.refusal(tmp_path / "link", use(project, "requirements.txt")) == ""


def test_it_can_be_taken_back(project: Path, store: TrustStore) -> None:
    store.trust(project, [use(project)])
    assert store.revoke(project)
    assert not store.revoke(project)
    assert store.refusal(project, use(project))


def test_only_the_user_reads_and_writes_it(project: Path, store: TrustStore, tmp_path: Path) -> None:
    store.trust(project, [use(project)])
    file = tmp_path / "data" / "stateroom" / "trust.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["trust.json"]
    file.chmod(0o622)
    with pytest.raises(StateroomError, match="is not believed"):
        store.refusal(project, use(project))


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"directories": {"/x": 1}}', '{"directories": {"/x": {"since": "", "programs": {"pip": 3}}}}']
)
def test_a_damaged_one_is_no_trust(project: Path, store: TrustStore, tmp_path: Path, text: str) -> None:
    file = tmp_path / "data" / "stateroom" / "trust.json"
    file.parent.mkdir(parents=True)
    file.write_text(text)
    file.chmod(0o600)
    with pytest.raises(StateroomError, match="cannot be read"):
        store.refusal(project, use(project))


def test_without_a_home_nothing_is_remembered(project: Path) -> None:
    store = trust_store({})
    assert store.refusal(project, use(project))
    with pytest.raises(StateroomError, match="STATEROOM_TRUST"):
        store.trust(project, [use(project)])


def test_it_is_below_home_by_default(project: Path, tmp_path: Path) -> None:
    trust_store({"HOME": str(tmp_path)}).trust(project, [use(project)])
    document = json.loads((tmp_path / ".local" / "share" / "stateroom" / "trust.json").read_text())
    assert list(document["directories"]) == [str(project)]


def test_the_environment_names_directories_with_all_that_is_in_them(project: Path, tmp_path: Path) -> None:
    def refusal(value: str) -> str:
        return program_access(project, WorkspaceOptions(environment={"STATEROOM_TRUST": value})).ask(use(project))

    assert refusal(str(project)) == ""
    assert refusal(f"/nowhere:{tmp_path}") == ""
    assert refusal(str(tmp_path / "other"))
    assert refusal(f"{project}-2")
    with pytest.raises(UsageError, match="not an absolute directory"):
        named_directories({"STATEROOM_TRUST": "."})


def test_for_one_run_it_is_an_option_that_remembers_nothing(project: Path, tmp_path: Path) -> None:
    options = WorkspaceOptions(trust=True, environment={"HOME": str(tmp_path)})
    assert program_access(project, options).ask(use(project)) == ""
    assert not (tmp_path / ".local").exists()
