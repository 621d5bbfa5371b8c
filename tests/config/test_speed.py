"""Compiling stays out of the way of the first paint."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

from tests.config.bench import HEAD, Bench

ROOT = Path(__file__).resolve().parent.parent.parent


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
    started = time.process_time()
    template = bench.compile()
    assert time.process_time() - started < 0.5
    assert len(template.resources) > 500


def test_a_thousand_functions_in_fifty_files_compile_in_seconds_and_little_memory() -> None:
    script = ROOT / "benchmarks" / "compile.py"
    started = time.perf_counter()
    done = subprocess.run([sys.executable, script, "--json"], capture_output=True, text=True, check=True)
    first, _, memory = json.loads(done.stdout)["rows"]
    assert int(first["what"].split()[0]) > 6000
    assert first["ours"] < 3
    assert memory["ours"] < 300
    assert time.perf_counter() - started < 12
