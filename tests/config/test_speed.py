"""Compiling stays out of the way of the first paint: it takes little longer than reading the YAML does."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.config.bench import HEAD, Bench
from tests.config.big import write_big_project
from tests.support.ratio import times_as_long

ROOT = Path(__file__).resolve().parent.parent.parent
LIMIT = 1.9  # times what PyYAML takes to compose the same files; 1.2 when this was written
COMPILE = """
import json, sys
from pathlib import Path
sys.path.append("benchmarks")
import yaml
from compile import peak
from stateroom.config.compile_options import CompileOptions
from stateroom.config.compiler import compile_service
from stateroom.config.project import open_project
from tests.support.ratio import times_as_long

root, limit = Path(sys.argv[1]), float(sys.argv[2])
texts = [path.read_text() for path in (root / "serverless.yml", *root.glob("functions/*.yml"))]

def compiled():
    project = open_project(root, options={}, environment={})
    return compile_service(project, "big", CompileOptions(None, None, {}, {}, {}, root / "build"))

def composed():
    for text in texts:
        yaml.compose(text, yaml.SafeLoader)

resources = len(compiled().resources)  # the first time, packages are made
memory = peak()
print(json.dumps([resources, memory, times_as_long(compiled, composed, limit, 5)]))
"""


@pytest.mark.speed
def test_a_hundred_functions_compile_in_less_than_half_a_second(bench: Bench) -> None:
    functions = "".join(
        f"""
  fn{n}:
    handler: app.create
    environment: {{N: '${{self:custom.n}}-{n}', URL: !Ref Queue}}
    events:
      - httpApi: GET /things{n}/{{id}}
      - schedule: rate(1 day)
"""
        for n in range(100)
    )
    resources = "resources: {Resources: {Queue: {Type: 'AWS::SQS::Queue'}}}\n"
    bench.compile(f"{HEAD}custom: {{n: 5}}\nfunctions:{functions}\n{resources}")
    text = (bench.root / "serverless.yml").read_text()
    ratio = times_as_long(bench.compile, lambda: yaml.compose(text, yaml.SafeLoader), LIMIT)
    assert ratio < LIMIT
    assert len(bench.compile().resources) > 500


@pytest.mark.speed
def test_a_thousand_functions_in_fifty_files_compile_in_seconds_and_little_memory(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", COMPILE, str(write_big_project(tmp_path / "big")), str(LIMIT)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    resources, megabytes, ratio = json.loads(done.stdout)
    assert resources > 6000
    assert megabytes < 300
    assert ratio < LIMIT
