"""Demo chapters on state, from the first deploy to an empty cloud."""

from __future__ import annotations

from stateroom.demo import journey
from stateroom.demo.inventory import inventory
from stateroom.demo.operate import actions, expect, expect_same, names
from stateroom.demo.sandbox import STAGE
from stateroom.demo.shop import function_name
from stateroom.demo.story import Chapter, StoryStage
from stateroom.model.plan import Action, Operation

ORDERS_QUEUE = f"shop-orders-{STAGE}-orders"
RENAMED_QUEUE = f"shop-orders-{STAGE}-incoming"
SECRET = "a-key-for-the-sandbox-only"  # noqa: S105 - what billing/serverless.yml falls back to
SERVICES = ("orders", "billing", "fulfilment")


def first_deploy(stage: StoryStage) -> str:
    """Deploy everything: resources are linked across services, and no secret is on disk in the clear."""
    stage.empty = inventory(stage.shop.client)
    plan = stage.engine.succeed(Operation.DEPLOY)
    expect_same("the set of actions", set(actions(plan).values()), {Action.CREATE})
    shop = stage.shop
    queue = shop.queue(ORDERS_QUEUE)["QueueArn"]
    expect_same("the queue that feeds charge", shop.mapping("billing", "charge")["EventSourceArn"], queue)
    variables = shop.function("billing", "charge")["Environment"]["Variables"]
    expect_same("charge's table", variables["TABLE_NAME"], ORDERS_QUEUE)
    expect(variables["PAYMENT_KEY"] == SECRET, "charge did not get its secret")
    state = shop.sandbox.project / ".stateroom"
    leaks = [path.name for path in state.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]
    expect(state.is_dir() and not leaks, f"the secret stands in the clear in {names(leaks) or 'no state at all'}")
    expect_same("out of step after the deploy", stage.engine.out_of_step(), {})
    return f"{len(actions(plan))} resources in {len(plan.services)} services"


def second_deploy(stage: StoryStage) -> str:
    """Deploy again without changes: nothing to do."""
    before = inventory(stage.shop.client)
    plan = stage.engine.plan(Operation.DEPLOY)
    expect(plan.empty, f"the second deploy would touch {names(actions(plan))}")
    expect_same("the cloud", inventory(stage.shop.client), before)
    return "nothing to do"


def change_the_resource(stage: StoryStage) -> str:
    """Change a resource by hand: it is drift, and deploy does not look at the cloud."""
    stage.shop.change_function("orders", "getOrder", Timeout=20)
    address = "orders/GetOrderLambdaFunction"
    expect_same("out of step", stage.engine.out_of_step(), {address: " !"})
    plan = stage.engine.plan(Operation.DEPLOY)
    expect(plan.empty, f"deploy would touch {names(actions(plan))}")
    expect_same("the timeout in the cloud", stage.shop.function("orders", "getOrder")["Timeout"], 20)
    return "timeout 10, in the cloud 20: drift, deploy finds nothing to do"


def change_the_config(stage: StoryStage) -> str:
    """Change the config: deploy overwrites the drift, and all three columns agree."""
    _set_timeout(stage, None, 30)
    plan = stage.engine.succeed(Operation.DEPLOY)
    expect_same("the plan", actions(plan), {"orders/GetOrderLambdaFunction": Action.UPDATE})
    expect_same("the timeout in the cloud", stage.shop.function("orders", "getOrder")["Timeout"], 30)
    expect_same("out of step", stage.engine.out_of_step(), {})
    return "timeout 30 in config, state and cloud"


def remove_the_resource(stage: StoryStage) -> str:
    """Delete a resource by hand: deploy fails on it, refresh drops it, deploy creates it again."""
    shop, function = stage.shop, "orders/GetOrderLambdaFunction"
    shop.client("lambda").delete_function(FunctionName=function_name("orders", "getOrder"))
    _set_timeout(stage, 30, 60)
    _, outcome = stage.engine.run(Operation.DEPLOY)
    expect(not outcome.ok, "the deploy went well although the function is gone")
    failed = [address for address, _ in outcome.errors if "/" in address]  # services that wait for orders aside
    expect_same("what failed", failed, [function])
    forgotten = actions(stage.engine.succeed(Operation.REFRESH))
    expect_same("refresh on the function", forgotten.get(function), Action.FORGET)
    created = actions(stage.engine.succeed(Operation.DEPLOY))
    expect_same("deploy on the function", created.get(function), Action.CREATE)
    expect_same("the timeout in the cloud", shop.function("orders", "getOrder")["Timeout"], 60)
    expect_same("out of step", stage.engine.out_of_step(), {})
    return "deploy failed, refresh forgot it, deploy made it"


def heal(stage: StoryStage) -> str:
    """Heal: overwrite manual changes with the recorded state."""
    shop = stage.shop
    shop.client("sqs").set_queue_attributes(
        QueueUrl=shop.queue_url(ORDERS_QUEUE), Attributes={"VisibilityTimeout": "30"}
    )
    shop.client("logs").delete_retention_policy(logGroupName=f"/aws/lambda/{function_name('billing', 'charge')}")
    expect_same("out of step", stage.engine.out_of_step(), {"orders/OrdersQueue": " !", "billing/ChargeLogGroup": " !"})
    plan = stage.engine.succeed(Operation.HEAL)
    expect_same("the visibility timeout", shop.queue(ORDERS_QUEUE)["VisibilityTimeout"], "90")
    expect_same("the log's retention", shop.log_retention("billing", "charge"), 14)
    expect_same("out of step", stage.engine.out_of_step(), {})
    return f"pushed back: {names(actions(plan))}"


def roll_back(stage: StoryStage) -> str:
    """Roll back to the previous version; the config then shows as pending again."""
    shop, cockpit = stage.shop, stage.engine.open_cockpit()
    before = cockpit.versions("orders")[0].number
    shop.edit("orders/serverless.yml", "maxReceiveCount: 5", "maxReceiveCount: 3")
    stage.engine.succeed(Operation.DEPLOY)
    expect('"maxReceiveCount":3' in _redrive(stage), f"the deploy left {_redrive(stage)}")
    stage.engine.succeed(Operation.ROLLBACK, services=("orders",), version=before)
    expect('"maxReceiveCount":5' in _redrive(stage), f"the rollback left {_redrive(stage)}")
    expect_same("out of step", stage.engine.out_of_step(), {"orders/OrdersQueue": "~ "})
    shop.edit("orders/serverless.yml", "maxReceiveCount: 3", "maxReceiveCount: 5")
    expect_same("out of step", stage.engine.out_of_step(), {})
    return f"orders is what it was at version {before}"


def rename_upstream(stage: StoryStage) -> str:
    """Replace a queue by renaming it; every resource that refers to it is updated."""
    shop = stage.shop
    shop.edit("orders/serverless.yml", "QueueName: ${self:custom.ordersName}\n", f"QueueName: {RENAMED_QUEUE}\n")
    plan = actions(stage.engine.succeed(Operation.DEPLOY))
    expect_same("deploy on the queue", plan.get("orders/OrdersQueue"), Action.REPLACE)
    arn, url = shop.queue(RENAMED_QUEUE)["QueueArn"], shop.queue_url(RENAMED_QUEUE)
    expect_same("the queue that feeds charge", shop.mapping("billing", "charge")["EventSourceArn"], arn)
    for service, name in (("orders", "createOrder"), ("billing", "sweep")):
        told = shop.function(service, name)["Environment"]["Variables"]["QUEUE_URL"]
        expect_same(f"{name}'s queue", told, url)
    queues = {line.rsplit("/", 1)[-1] for line in inventory(shop.client) if line.startswith("sqs ")}
    expect(ORDERS_QUEUE not in queues, "the old queue is still there")
    expect_same("out of step", stage.engine.out_of_step(), {})
    return f"{len(plan)} steps, {sum(address.startswith('billing/') for address in plan)} of them downstream"


def remove(stage: StoryStage) -> str:
    """Remove everything: no cloud object and no state is left."""
    plan = stage.engine.succeed(Operation.REMOVE)
    left = inventory(stage.shop.client) - stage.empty
    expect(not left, f"still in the cloud: {names(left)}")
    cockpit = stage.engine.open_cockpit()
    for service in SERVICES:
        snapshot = cockpit.snapshot(service)
        expect(snapshot is None or not snapshot.records, f"{service}'s state still has resources")
        expect(cockpit.lock(service) is None, f"{service} is still locked")
    return f"{len(actions(plan))} resources gone, the cloud is as it was before the story"


def _set_timeout(stage: StoryStage, before: int | None, after: int) -> None:
    handler = "    handler: src/get_order.handler\n"
    was = handler if before is None else f"{handler}    timeout: {before}\n"
    stage.shop.edit("orders/serverless.yml", was, f"{handler}    timeout: {after}\n")


def _redrive(stage: StoryStage) -> str:
    return stage.shop.queue(ORDERS_QUEUE)["RedrivePolicy"].replace(" ", "")


CHAPTERS: tuple[Chapter, ...] = (
    Chapter("first deploy", first_deploy),
    Chapter("second deploy does nothing", second_deploy),
    Chapter("out of sync: change the resource", change_the_resource),
    Chapter("out of sync: change the config", change_the_config),
    Chapter("out of sync: remove the resource", remove_the_resource),
    Chapter("heal", heal),
    Chapter("roll back one version", roll_back),
    Chapter("a queue renamed upstream reaches downstream", rename_upstream),
    Chapter("invoke a function: an order is placed once", journey.place_twice),
    Chapter("a small order runs through all three services", journey.small_order),
    Chapter("a large order waits for its callback, and ships", journey.large_order),
    Chapter("a refused order is compensated", journey.refused_order),
    Chapter("remove", remove),
)
