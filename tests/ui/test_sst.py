"""A home of SST's on the screen: apps and stages as services, resources under the components that they are parts of."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.commands.sst_home import Machine
from tests.ui.driver import Driver, opened
from tests.ui.sst_app import ledger_machine, opener

SIZES = [(80, 24), (120, 40)]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return ledger_machine(tmp_path)


async def choose_qa(screen: Driver) -> None:
    await screen.press("1", "G", "2")


@pytest.mark.parametrize("size", SIZES)
async def test_resources_stand_under_their_components(machine: Machine, size: tuple[int, int]) -> None:
    async with opened(factory=opener(machine), size=size) as screen:
        assert [line.split() for line in screen.lines("#services")[1:]] == [
            ["all", "20"],
            ["ledger/live", "10"],
            ["ledger/qa", "10"],
        ]
        await choose_qa(screen)
        await screen.press("G")  # at 80x24 the end has to be scrolled to
        tree = screen.text("#resources")
        assert "▾ Jobs " in tree
        assert "\n     JobsQueue " in tree
        assert "\n   ▾ JobsWorker " in tree
        assert "\n       JobsMapping " in tree


async def test_nothing_is_compared_and_nothing_pretends_that_something_could_be(machine: Machine) -> None:
    async with opened(factory=opener(machine)) as screen:
        await choose_qa(screen)
        await screen.press("slash", *"apifunction", "enter", "G")
        assert "?" not in screen.text("#services") + screen.text("#resources") + screen.text("#diff")
        assert "deployed by SST: states only" in screen.text("#title")
        assert "no config" in screen.text("#diff")
        assert any(line.split() == ["memorySize", "1024"] for line in screen.lines("#diff"))
        assert "1 output (e unfolds)" in screen.text("#diff")
        await screen.press("4", "e")
        assert "arn:aws:lambda" in screen.text("#diff")
        assert "part of Api" in screen.text("#diff")
        await screen.press("enter")
        assert "config and cloud not read" in screen.text()
        assert "1024" in screen.text("#value")


@pytest.mark.parametrize("size", SIZES)
async def test_a_component_folds_and_opens_with_the_arrows(machine: Machine, size: tuple[int, int]) -> None:
    async with opened(factory=opener(machine), size=size) as screen:
        await choose_qa(screen)
        await screen.press("down")
        assert screen.deck.panes.resources.resource.logical_id == "UploadsBucket"  # type: ignore[union-attr]
        await screen.press("left")  # to what it is a part of
        assert screen.deck.panes.resources.resource.logical_id == "Uploads"  # type: ignore[union-attr]
        await screen.press("left")
        assert "▸ Uploads  2" in screen.text("#resources")
        assert "UploadsBucket" not in screen.text("#resources")
        await screen.press("left")  # nothing is left to fold: to the pane before, as everywhere
        assert screen.pane == "services"
        await screen.press("2", "right")
        assert "UploadsBucket" in screen.text("#resources")


async def test_a_key_folds_what_a_part_belongs_to_and_another_one_everything(machine: Machine) -> None:
    async with opened(factory=opener(machine)) as screen:
        await choose_qa(screen)
        await screen.press("G", "minus")
        assert screen.deck.panes.resources.resource.logical_id == "JobsWorker"  # type: ignore[union-attr]
        assert "▸ JobsWorker  1" in screen.text("#resources")
        await screen.press("equals_sign")
        assert [line.split()[:3] for line in screen.lines("#resources")[1:]] == [
            ["▸", "Uploads", "2"],
            ["▸", "Api", "2"],
            ["▸", "Jobs", "3"],
        ]
        assert screen.deck.panes.resources.resource.logical_id == "Jobs"  # type: ignore[union-attr]
        await screen.press("equals_sign")
        assert "JobsMapping" in screen.text("#resources")


async def test_a_filter_shows_where_a_hit_belongs_even_inside_what_is_folded(machine: Machine) -> None:
    async with opened(factory=opener(machine)) as screen:
        await choose_qa(screen)
        await screen.press("equals_sign", "slash", *"mapping", "enter")
        assert [line.split()[:2] for line in screen.lines("#resources")[1:]] == [
            ["▾", "Jobs"],
            ["▾", "JobsWorker"],
            ["JobsMapping", "aws:lambda:EventSourceMapping"],
        ]
        assert "1 of 10" in screen.text("#resources")
        await screen.press("minus")
        assert any("the filter opens everything" in toast for toast in screen.toasts)
        await screen.press("ctrl+a")  # marks what was asked for, not what only holds it
        assert "1 marked" in screen.text("#resources")
        await screen.press("escape")
        assert "JobsMapping" not in screen.text("#resources")  # folded as before


async def test_marks_go_down_to_the_parts_and_show_at_the_components(machine: Machine) -> None:
    async with opened(factory=opener(machine)) as screen:
        await choose_qa(screen)
        await screen.press("g", "space")
        assert [line[0] for line in screen.lines("#resources")[1:5]] == ["•", "•", "•", " "]
        await screen.press("c", "G", "space")
        marks = {line.split()[-2]: line[0] for line in screen.lines("#resources")[1:]}
        assert (marks["Jobs"], marks["JobsWorker"], marks["JobsMapping"], marks["Api"]) == ("◦", "◦", "•", " ")


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        (("d",), "`sst deploy` does it"),
        (("r",), "`sst refresh` does it"),
        (("x",), "`sst remove` does it"),
        (("h",), "nothing is compared here"),
        (("a",), "nothing is compared here"),
        (("n",), "nothing is compared here"),
        (("3", "b"), "only the state can go back"),
    ],
)
async def test_keys_that_belong_to_sst_say_so(machine: Machine, keys: tuple[str, ...], reason: str) -> None:
    async with opened(factory=opener(machine)) as screen:
        await choose_qa(screen)
        await screen.press(*keys)
        assert any(reason in toast for toast in screen.toasts)
        assert "deploy" not in screen.text("#keys")


async def test_a_project_without_components_keeps_its_plain_list_and_its_footer() -> None:
    async with opened() as screen:
        await screen.press("minus")
        assert any("there are no components here" in toast for toast in screen.toasts)
        assert "fold" not in screen.text("#keys").replace("unfold", "")
        assert "▾" not in screen.text("#resources")
        await screen.press("left")
        assert screen.pane == "services"


async def test_a_stage_before_its_first_deploy_is_listed_with_what_there_is_of_it(tmp_path: Path) -> None:
    machine = ledger_machine(tmp_path)
    assert machine("secret", "set", "Token", "--service", "ledger/new", answers="hunter2\n").code == 0
    async with opened(factory=opener(machine)) as screen:
        services = screen.lines("#services")
        assert any("ledger/new" in line for line in services)
        await screen.press("1", *["down"] * 2)
        assert "there is no state, only secrets and a passphrase" in " ".join(screen.text("#resources").split())
