"""A project as large as they come: 1,000 functions in 50 files."""

from __future__ import annotations

from pathlib import Path

FILES = 50
EACH = 20


def write_big_project(root: Path) -> Path:
    """Write it; answers its directory."""
    (root / "src").mkdir(parents=True)
    (root / "functions").mkdir()
    for file in range(FILES):
        (root / "src" / f"part{file}.py").write_text(
            "".join(f"def handler{number}(event, context): ...\n" for number in range(EACH))
        )
        (root / "functions" / f"part{file}.yml").write_text("".join(_function(file, number) for number in range(EACH)))
    parts = "".join(f"  - ${{file(functions/part{file}.yml)}}\n" for file in range(FILES))
    (root / "serverless.yml").write_text(
        "service: big\n"
        "provider: {name: aws, runtime: python3.12, region: eu-west-1, environment: {STAGE: '${sls:stage}'}}\n"
        "custom: {memory: {dev: 256}, table: 'big-${sls:stage}'}\n"
        f"functions:\n{parts}"
        "resources: {Resources: {Queue: {Type: 'AWS::SQS::Queue'}}}\n"
    )
    return root


def _function(file: int, number: int) -> str:
    return f"""
fn{file}x{number}:
  handler: src/part{file}.handler{number}
  memorySize: ${{self:custom.memory.${{sls:stage}}}}
  environment: {{TABLE: '${{self:custom.table}}', NUMBER: 'n-{number}-${{self:provider.region}}', URL: !Ref Queue}}
  events:
    - httpApi: GET /part{file}/number{number}/{{id}}
"""
