"""Stages of an SST app that were never deployed: secrets come first, and every reader lists what there is of one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from stateroom.cli import main
from stateroom.commands.environment import ProcessEnvironment
from tests.commands.fake import Run, Stream
from tests.commands.sst_home import PHRASE, Machine
from tests.commands.test_sst_home import Account
from tests.state.cloudflare_api import BUCKET, TOKEN, Api, running
from tests.support.emulators import Emulator
from tests.support.faults import Answer, Fault, Proxy

pytestmark = pytest.mark.emulator


@dataclass
class Site:
    """A home of SST: commands run on it, and what it keeps put there by SST's hand."""

    run: Callable[..., Run]
    put: Callable[[str, bytes], object]  # key without suffix
    share: Callable[[str], object]  # a passphrase, by app/stage


def local_site(directory: Path) -> Site:
    machine = Machine(directory)

    def put(key: str, data: bytes) -> None:
        kind, app, stage = key.split("/")
        machine.put(kind, data, stage, app)

    return Site(machine, put, lambda place: put(f"passphrase/{place}", PHRASE.encode()))


def aws_site(cloud: Emulator, directory: Path) -> Site:
    account = Account(cloud, directory)

    def share(place: str) -> None:
        account.ssm.put_parameter(Name=f"/sst/passphrase/{place}", Value=PHRASE, Type="SecureString")

    return Site(account, lambda key, data: account.put(f"{key}.json", data), share)


def cloudflare_site(api: Api, directory: Path) -> Site:
    api.buckets[BUCKET] = {}
    environment = {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring", "HOME": str(directory)}
    environment |= {"CLOUDFLARE_API_TOKEN": TOKEN}

    def run(*arguments: str, answers: str = "") -> Run:
        out, err = Stream(), Stream()
        given = [*arguments, "-C", str(directory), "--home", "cloudflare", "--endpoint-url", api.url]
        host = ProcessEnvironment(out=out, err=err, input=Stream(answers), environment=environment)
        return Run(main(given, host), out.getvalue(), err.getvalue(), [], [])

    def put(key: str, data: bytes) -> None:
        api.buckets[BUCKET][key] = data

    return Site(run, put, lambda place: put(f"passphrase/{place}", PHRASE.encode()))


@pytest.fixture(params=["local", "aws", "cloudflare"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    (tmp_path / "here").mkdir(exist_ok=True)
    if request.param == "local":
        found = local_site(tmp_path)
    elif request.param == "aws":
        found = aws_site(request.getfixturevalue("moto"), tmp_path / "here")
    else:
        with running() as api:
            found = cloudflare_site(api, tmp_path / "here")
            yield filled(found, tmp_path / "here")
        return
    yield filled(found, tmp_path / "here")


def filled(site: Site, here: Path) -> Site:
    """Stages with secrets, with a passphrase alone, with a lock alone; one that was removed; and the fallback."""
    (here / "sst.config.ts").write_text('export default $config({ app() { return { name: "ledger" } } })')
    assert site.run("secret", "set", "Token", "--stage", "dev", answers="hunter2\n").code == 0
    assert site.run("secret", "set", "All", "--fallback", "--stage", "dev", answers="hunter3\n").code == 0
    site.share("ledger/pr-1")
    site.share("other/qa")
    site.put("lock/ledger/first", b'{"created":"2026-11-20T10:00:00Z"}')
    site.put("app/ledger/gone", b'{"version":3,"checkpoint":{"latest":{"resources":[]}}}')
    site.share("ledger/gone")
    return site


NAMES = ["ledger/dev", "ledger/first", "ledger/pr-1", "other/qa"]


def test_every_reader_that_lists_stages_lists_those_that_have_no_state_yet(site: Site) -> None:
    listed = {
        "status": [item["service"] for item in site.run("status", "--json").document["services"]],
        "versions": [item["service"] for item in site.run("versions", "--json").document["services"]],
        "state list": [item["service"] for item in site.run("state", "list", "--json").document["services"]],
        "state pending": [item["service"] for item in site.run("state", "pending", "--json").document["services"]],
    }
    assert listed == dict.fromkeys(listed, NAMES)


def test_what_there_is_of_a_stage_is_said_and_nothing_more(site: Site) -> None:
    out = site.run("status").out
    assert "no state, only secrets and a passphrase; the first deploy makes one" in out
    assert "no state, only a lock" in out
    assert out.count("no state, only a passphrase") == 2
    assert "removed" not in out
    assert "hunter" not in out + site.run("status", "--json").out


def test_a_stage_is_chosen_by_its_name_and_its_secrets_are_listed(site: Site) -> None:
    assert site.run("secret", "list", "--service", "ledger/dev").out.splitlines()[-1] == "Token=***"
    assert site.run("status", "--stage", "pr-1", "--json").document["services"][0]["service"] == "ledger/pr-1"
    run = site.run("state", "list", "--service", "ledger/pr-1")
    assert run.code == 1
    assert "its first deploy makes the state" in run.err


def test_a_reset_and_the_bootstrap_name_them_beside_the_states(site: Site) -> None:
    found = site.run("bootstrap", "status", "--json").document["states"]
    problems = {f"{item['service']}/{item['stage']}": item["problem"] for item in found}
    assert problems["ledger/dev"].startswith("no state yet: only secrets")
    assert problems["ledger/first"] == "no state yet: only a lock"
    assert problems["ledger/gone"] == ""


def test_where_passphrases_may_not_be_listed_the_rest_is_and_it_is_said(faulty: Proxy, tmp_path: Path) -> None:
    account = Account(faulty, tmp_path)  # type: ignore[arg-type]  # it has what an account needs
    account.deployed()
    faulty.rules.append(Fault("DescribeParameters", Answer("AccessDeniedException", "no"), service="ssm"))
    run = account("status")
    assert "ledger/qa" in run.out
    assert "stages of which only a passphrase exists are not listed: cannot list" in run.err
    assert "access denied" in run.err
