"""A terraform project of any size, applied by writing its state: the peer of several benchmarks."""

from __future__ import annotations

import json
import shutil
import subprocess
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path

from harness import clean_environment, seconds

_CHAIN = 10
_SHAPE = ["object", {"delay": "number", "name": "string", "team": "string", "timeout": "number"}]
_COUNTED = """resource "terraform_data" "Queue" {{
  count = {}
  input = {{
    name    = format("big-dev-queue-%05d", count.index)
    delay   = count.index % 9
    timeout = 30 + count.index % 60
    team    = "team-${{count.index % 7}}"
  }}
}}
"""


def find_terraform() -> str | None:
    """Find the program, or None."""
    return shutil.which("terraform")


class Terraform:
    """`size` resources of the built-in type terraform_data in a new directory, applied by writing their state.

    Args:
        program: terraform.
        directory: a new directory.
        size: how many.
        count: one block with `count` in place of a block for each; terraform is slower on that.
    """

    def __init__(self, program: str, directory: Path, size: int, *, count: bool = False) -> None:
        self.program, self.directory, self.size, self.count = program, directory, size, count
        directory.mkdir(parents=True)
        (directory / "main.tf").write_text(_COUNTED.format(size) if count else "".join(self._blocks()))
        (directory / "terraform.tfstate").write_text(json.dumps(self._state()))
        configuration = directory / ".terraformrc"
        configuration.touch()
        self.environment = clean_environment(
            CHECKPOINT_DISABLE="1", TF_CLI_CONFIG_FILE=str(configuration), TF_IN_AUTOMATION="1"
        )
        self._run("init", "-input=false")

    def plan_seconds(self) -> float:
        """How long a plan takes that finds nothing to do. Raises RuntimeError when it finds something."""
        return seconds(lambda: self._run("plan", "-input=false", "-detailed-exitcode", "-lock=false"))

    def _run(self, *arguments: str) -> None:
        done = subprocess.run(
            [self.program, *arguments],
            cwd=self.directory,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(f"terraform {arguments[0]}: {done.returncode}\n{done.stdout[-800:]}{done.stderr[-800:]}")

    def _blocks(self) -> Iterator[str]:
        for index in range(self.size):
            name = f'"Queue{index:05d}"'
            yield f'resource "terraform_data" {name} {{\n  input = {{\n'
            for key, value in _settings(index).items():
                yield f"    {key} = {json.dumps(value)}\n"
            yield "  }\n"
            if index % _CHAIN == 0 and index:
                yield f"  depends_on = [terraform_data.Queue{index - 1:05d}]\n"
            yield "}\n"

    def _state(self) -> dict[str, object]:
        instances: list[dict[str, object]] = []
        for index in range(self.size):
            value = {"value": _settings(index), "type": _SHAPE}
            attributes = {
                "id": str(uuid.UUID(int=index + 1)),
                "input": value,
                "output": value,
                "triggers_replace": None,
            }
            instances.append({"schema_version": 0, "attributes": attributes, "sensitive_attributes": []})
        if self.count:
            indexed = [{"index_key": index, **instance} for index, instance in enumerate(instances)]
            resources = [_resource("Queue", indexed) | {"each": "list"}]
        else:
            for index in range(_CHAIN, self.size, _CHAIN):
                instances[index]["dependencies"] = [f"terraform_data.Queue{index - 1:05d}"]
            resources = [_resource(f"Queue{index:05d}", [instance]) for index, instance in enumerate(instances)]
        return {
            "version": 4,
            "terraform_version": "1.11.4",
            "serial": 1,
            "lineage": str(uuid.UUID(int=7)),
            "outputs": {},
            "resources": resources,
            "check_results": None,
        }


def _resource(name: str, instances: Sequence[object]) -> dict[str, object]:
    return {
        "mode": "managed",
        "type": "terraform_data",
        "name": name,
        "provider": 'provider["terraform.io/builtin/terraform"]',
        "instances": instances,
    }


def _settings(index: int) -> dict[str, object]:
    return {
        "name": f"big-dev-queue-{index:05d}",
        "delay": index % 9,
        "timeout": 30 + index % 60,
        "team": f"team-{index % 7}",
    }
