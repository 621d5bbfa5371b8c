"""A plan with nothing to do, against `terraform plan` on as many built-in resources.

"planner" is plan_service on a compiled config and a loaded state, with the real provider's schemas. "state load"
reads the state file. "whole command" is `stateroom deploy --dry-run` as a process: Python, the YAML, the compiler, the
state and the plan, against the emulator (which is asked once who we are). Terraform plans terraform_data resources,
which need no provider and no cloud, on a synthesised state (its own apply would take half an hour): each a block of its
own, as ours are, and once more as one block with `count`, on which it is slower.
"""

from __future__ import annotations

import subprocess
import tempfile
from contextlib import ExitStack
from pathlib import Path

from harness import STATEROOM, Budget, Report, Row, clean_environment, finish, median, parser, progress, seconds
from project import ACCOUNT, APP, REGION, STAGE, snapshot, template, write_project
from terraform import Terraform, find_terraform

from stateroom.cloud.provider import Identity
from stateroom.engine.opening.factory import open_provider
from stateroom.engine.options import WorkspaceOptions
from stateroom.engine.planning.planner import Surroundings, plan_service

BUDGET = Budget("x", 1 / 50)


def main() -> int:
    parse = parser(__doc__, rounds=3)
    parse.add_argument("--size", type=int, default=0, metavar="N", help="resources; default 10,000, --quick 1,000")
    options = parse.parse_args()
    size = options.size or (1000 if options.quick else 10_000)
    rounds = 2 if options.quick else options.rounds
    report = Report(f"A plan with nothing to do, {size} resources")
    with tempfile.TemporaryDirectory() as scratch, ExitStack() as held:
        project = Path(scratch) / "project"
        progress(f"writing a project of {size} resources")
        write_project(project, size)
        planner, load, command = ours(project, size, rounds, held)
        peers: dict[str, float | None] = {"": None}
        found = None if options.no_peers else find_terraform()
        if found:
            peers = {}
            for shape in ("blocks", "count"):
                progress(f"terraform plan of {size} resources, {shape} (at 10,000 it takes minutes)")
                peer = Terraform(found, Path(scratch) / shape, size, count=shape == "count")
                peers[f"terraform plan, {shape}"] = peer.plan_seconds()
        elif not options.no_peers:
            report.notes.append("terraform is not on PATH: nothing to compare with")
    for name, seconds_ in peers.items():
        report.rows += [
            Row("planner", planner, seconds_, BUDGET, peer_name=name),
            Row("state load + planner", load + planner, seconds_, BUDGET, peer_name=name),
            Row("whole command: deploy --dry-run", command, seconds_, peer_name=name),
        ]
    report.notes.append(f"ours: medians of {rounds}; terraform: one run")
    return finish(report, options)


def ours(project: Path, size: int, rounds: int, held: ExitStack) -> tuple[float, float, float]:
    """Seconds for the planner alone, for loading the state, and for the whole command."""
    from stateroom.demo.emulator import emulator
    from stateroom.engine.cockpit import open_project_cockpit

    endpoint = held.enter_context(emulator(region=REGION)).endpoint_url
    records, wanted = snapshot(size).records, template(size)
    surroundings = Surroundings(open_provider(REGION, WorkspaceOptions(), lambda _: b""), Identity(ACCOUNT, REGION))
    steps: list[int] = []

    def plan() -> None:
        made = plan_service(wanted, records, surroundings).plan
        steps.append(len(made.steps))

    plan()  # reads the vendored schemas, once for a process
    planner = median([seconds(plan) for _ in range(rounds)])
    if any(steps):
        raise RuntimeError(f"the plan should be empty and has {steps[0]} steps")
    home = open_project_cockpit(project, WorkspaceOptions(stage=STAGE, home="local")).workspace.home
    load = median([seconds(lambda: home.load(APP, STAGE)) for _ in range(rounds)])
    command = (*STATEROOM, "deploy", "--dry-run", "--stage", STAGE, "--endpoint-url", endpoint)
    variables = clean_environment(AWS_ENDPOINT_URL=endpoint)

    def dry_run() -> None:
        done = subprocess.run(command, cwd=project, env=variables, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(
                f"stateroom deploy --dry-run: {done.returncode}\n{done.stdout[-800:]}{done.stderr[-800:]}"
            )

    progress("stateroom deploy --dry-run")
    return planner, load, median([seconds(dry_run) for _ in range(rounds)])


if __name__ == "__main__":
    raise SystemExit(main())
