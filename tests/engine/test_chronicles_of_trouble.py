"""What goes wrong, is refused, is cut off or is mended by hand, told in full as in test_chronicles.py."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from stateroom.engine.requests import Control, Request
from stateroom.engine.tools.state_tools import StateTools
from stateroom.errors import CloudError, NotFoundInCloudError
from stateroom.model.plan import Operation
from stateroom.state.tools.edits import Alteration
from tests.engine.chronicle import DENIED, Chronicle, function, queue, shop, stopped_at
from tests.engine.lab import FUNCTION, QUEUE
from tests.engine.power import Mains, PoweredCloud, first_config, release_lock, second_config


def test_failures(chronicle: Chronicle) -> None:
    lab = chronicle.lab
    lab.config.resources["orders"] = shop(More=queue("more"))
    lab.cloud.fail["create Fn"] = DENIED
    chronicle.operate("refused")
    lab.cloud.fail["create Fn"] = CloudError("the answer was lost", code="InternalError")
    chronicle.operate("not known whether it was made")
    lab.cloud.fail["find Fn"] = DENIED
    chronicle.operate("and it may not be looked for")
    chronicle.survey("pending")
    lab.cloud.fail.clear()
    chronicle.operate("made after all")
    lab.config.resources["orders"]["Jobs"] = queue("jobs", DelaySeconds=9)
    lab.config.resources["orders"]["New"] = queue("new", Needs={"Ref": "Jobs"})
    lab.cloud.fail["create New"] = DENIED
    chronicle.operate("undone", undo=True)
    lab.cloud.fail["update Jobs"] = ValueError("a fault of ours")
    chronicle.operate("broken off")
    lab.cloud.fail["update Jobs"] = NotFoundInCloudError("Jobs does not exist", code="NotFound")
    chronicle.operate("gone meanwhile")
    lab.cloud.fail.clear()
    control = Control()
    chronicle.operate("stopped", control=control, watch=stopped_at("StepStarted", control))
    lab.cloud.fail["delete"] = DENIED
    chronicle.operate("not to be deleted", Operation.REMOVE)


def test_what_is_left_over(chronicle: Chronicle) -> None:
    lab = chronicle.lab
    lab.config.resources["orders"] = shop()
    lab.run()
    lab.config.resources["orders"] = shop(Jobs=queue("jobs-2"), Made=queue("made"))
    lab.cloud.fail["delete jobs"] = DENIED
    lab.cloud.remarks["Made"] = "AWS shows it later"
    lab.cloud.fail["settle Made"] = CloudError("it did not become ready", code="Timeout")
    chronicle.operate("the old copy may not be deleted, the new one does not settle")
    chronicle.survey("with both")
    lab.cloud.fail["read made"] = DENIED
    chronicle.operate("it may not be looked at")
    lab.config.resources["orders"]["After"] = queue("after", Needs={"Ref": "Made"})
    chronicle.operate("what needs it is left alone")
    chronicle.operate("and the stage is not removed whole", Operation.REMOVE)
    lab.cloud.fail.clear()
    chronicle.operate("taken up again")
    lab.cloud.things.pop((QUEUE, "after"))
    lab.cloud.things.pop((FUNCTION, "f"))
    chronicle.operate("gone by hand", refresh=True)


def test_what_is_refused(chronicle: Chronicle) -> None:
    lab = chronicle.lab
    lab.config.resources["orders"] = shop()
    dry = lab.cockpit.plan(Request(Operation.DEPLOY, dry_run=True))
    plan = lab.cockpit.plan(Request(Operation.DEPLOY))
    (service,) = plan.services
    assert service.target
    target = replace(service.target, not_built="pip was not run")
    unbuilt = replace(plan, services=(replace(service, target=target),))
    elsewhere = replace(plan, services=(replace(service, stage="prod"),))
    for title, one in {"dry": dry, "not built": unbuilt, "another stage": elsewhere, "as it is": plan}.items():
        chronicle.tell(title, partial(lab.cockpit.execute, one, lab.events.append, Control()))
    chronicle.tell("a second time", partial(lab.cockpit.execute, plan, lab.events.append, Control()))
    for request in (
        Request(Operation.DEPLOY, services=("none",)),
        Request(Operation.DEPLOY, targets=("orders/None",)),
        Request(Operation.DEPLOY, targets=("Jobs",)),
        Request(Operation.DEPLOY, adopt=("orders/None",)),
        Request(Operation.HEAL, targets=("orders/Jobs",), attributes=(("None",),)),
        Request(Operation.HEAL, targets=("orders/Jobs", "orders/Fn"), attributes=(("Timeout",),)),
        Request(Operation.ROLLBACK, version=7),
        Request(Operation.ROLLBACK, version=1),
        Request(Operation.ROLLBACK),
        Request(Operation.REFRESH, targets=("orders/Jobs",)),
        Request(Operation.REMOVE, targets=("orders/Jobs",)),
    ):
        chronicle.tell(asked(request), partial(lab.cockpit.plan, request))
    lab.config.resources["orders"]["Fn"] = function(Env={"Ref": "Nowhere"})
    chronicle.operate("a reference to nothing")
    lab.config.resources["orders"]["Fn"] = function(Env={"Fn::GetAtt": ["Jobs", "None"]})
    chronicle.operate("an attribute of nothing")
    lab.options = replace(lab.options, read_only=True)
    chronicle.operate("read only", Operation.REMOVE)
    lab.options = replace(lab.options, read_only=False, stage="prod")
    chronicle.operate("protected", Operation.REMOVE)
    lab.options = replace(lab.options, stage=None, region="us-east-1")
    chronicle.operate("another region")
    lab.options = replace(lab.options, region=None)
    lab.cloud.account = "999999999999"
    chronicle.operate("another account")


def test_a_state_under_the_tools(chronicle: Chronicle) -> None:
    lab = chronicle.lab
    lab.config.resources["orders"] = shop()
    lab.config.resources["bills"] = {"Own": queue("own")}
    lab.run()
    orders, bills = lab.cockpit.tools("orders"), lab.cockpit.tools("bills")
    chronicle.look()
    for names, with_dependants, keep in (
        (["Jobs"], False, False),
        (["Jobs"], True, False),
        (["Jobs"], False, True),
        (["None"], False, False),
        (["Fn", "Allowed"], False, False),
    ):
        told = f"remove {names} {with_dependants} {keep}"
        chronicle.tell(told, partial(_altered, orders, names, with_dependants=with_dependants, keep=keep))
    draft = orders.remove(["Api"], with_dependants=True, keep=False, force=False)
    chronicle.tell("applied", lambda: orders.apply(draft))
    chronicle.look()
    drafts = orders.move(["Jobs"], bills)
    chronicle.tell("move", lambda: [draft.edit.alterations for draft in drafts])
    chronicle.tell("moved", lambda: orders.apply_move(drafts[0], bills, drafts[1]))
    chronicle.look()
    exported = bills.load()[0].dump()
    chronicle.tell("import of another's", lambda: orders.take_in(exported).edit.alterations)
    chronicle.tell("import", lambda: bills.take_in(exported).edit.alterations)
    renamed = orders.rename_stage("live")
    chronicle.tell("rename", lambda: renamed.edit.alterations)
    chronicle.tell("renamed", lambda: orders.apply_rename(renamed, lambda: None))
    chronicle.look()
    state = lab.directory / ".stateroom" / "app" / "shop-bills" / "dev.json"
    state.write_bytes(state.read_bytes()[:700])
    chronicle.survey("one is damaged")
    chronicle.operate("a deploy over it", services=("bills",))
    chronicle.tell("repair", lambda: bills.repair().edit.alterations)
    chronicle.tell("repaired", lambda: bills.apply(bills.repair()))
    chronicle.look()
    state.unlink()
    chronicle.survey("one is lost")
    chronicle.tell("repair of nothing", lambda: bills.repair().edit.alterations)
    chronicle.tell("load of nothing", bills.load)
    newer = exported.replace(b'"version": 3', b'"version": 9').replace(b'"version":3', b'"version":9')
    state.write_bytes(newer)
    chronicle.survey("one is newer")
    chronicle.tell("repair of a newer one", lambda: bills.repair().edit.alterations)


@pytest.mark.parametrize("number", [3, 9, 15])
def test_cut_off(chronicle: Chronicle, number: int, mains: Mains) -> None:
    lab = chronicle.lab
    lab.cloud = lab.clouds["eu-west-1"] = PoweredCloud()
    lab.config = first_config()
    lab.run()
    lab.config = second_config()
    mains.remaining = number
    chronicle.tell("cut off", lab.run)
    mains.remaining = 1_000_000
    chronicle.look()
    chronicle.survey("what is there")
    chronicle.tell("planned", lab.plan)
    chronicle.tell("to be removed", lambda: lab.plan(Operation.REMOVE))
    release_lock(lab)
    chronicle.survey("when the lock is gone")
    chronicle.tell("planned without it", lab.plan)
    chronicle.operate("run again")


def test_services_and_what_they_put_out(chronicle: Chronicle) -> None:
    lab = chronicle.lab
    lab.config.resources.clear()
    needs: dict[str, tuple[str, ...]] = {"a": (), "b": ("a",), "c": ("a", "b"), "d": ()}
    for name, others in needs.items():
        lab.config.resources[name] = {"Q": queue(f"q-{name}"), "Fn": function(f"f-{name}")}
        lab.config.outputs[name] = {"Url": {"Ref": "Q"}, "Arn": {"Fn::GetAtt": ["Fn", "Arn"]}}
        lab.config.depends_on[name] = others
    lab.cloud.fail["create Q"] = DENIED
    chronicle.operate("nothing can be made")
    lab.cloud.fail.clear()
    chronicle.operate("only the third", services=("c",))
    chronicle.operate("all")
    lab.config.resources["b"]["Q"] = queue("q-b", DelaySeconds=3)
    lab.config.outputs["b"]["More"] = {"Fn::GetAtt": ["Q", "None"]}
    lab.config.resources["c"]["Fn"] = function("f-c2")
    lab.cloud.fail["delete f-c"] = CloudError("the answer was lost", code="InternalError")
    chronicle.operate("some")
    chronicle.survey("and then", services=("b", "c"))
    chronicle.operate("rolled back", Operation.ROLLBACK, services=("b",), version=1)
    chronicle.operate("refreshed", Operation.REFRESH)
    chronicle.operate("healed", Operation.HEAL, services=("c", "d"))
    lab.cloud.fail.clear()
    chronicle.operate("removed", Operation.REMOVE)


def asked(request: Request) -> str:
    """What a request asks for, as a title."""
    parts = (*request.services, *request.targets, *request.adopt, *request.attributes, request.version)
    return " ".join([request.operation.value, *(str(part) for part in parts if part is not None)])


def _altered(tools: StateTools, names: list[str], **how: bool) -> tuple[Alteration, ...]:
    return tools.remove(names, force=False, **how).edit.alterations
