"""Compiling stays out of the way of the first paint."""

from __future__ import annotations

import time

from tests.config.bench import HEAD, Bench


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
