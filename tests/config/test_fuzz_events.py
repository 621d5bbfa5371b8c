"""Whatever is written into an event, the answer is a Template or a ConfigError."""

from __future__ import annotations

import contextlib
import importlib
import json
import pkgutil
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from stateroom.config import events
from stateroom.config.compiler import CompileOptions, compile_service
from stateroom.config.events.registry import EVENTS
from stateroom.config.project import open_project
from stateroom.errors import ConfigError
from tests.config.test_fuzz import QUICK

_GATEWAY = "restApiId restApiRootResourceId restApiResources apiKeys usagePlan request endpoint stage"
_PROVIDER = {
    "apiGateway": _GATEWAY,
    "httpApi": "id cors authorizers payload name",
    "alb": "authorizers targetGroupPrefix",
    "s3": "a-bucket b",
    "logs": "restApi httpApi websocket",
    "tracing": "apiGateway",
    "websocket": "useProviderTags",
    "tags": "team",
}
_WORDS = """a one
    GET /a/{id} get users a-bucket arn:aws:sqs:eu-west-1:123456789012:q create kinesis dynamodb rate(1) jwt
    arn:aws:kinesis:eu-west-1:123456789012:stream/s arn:aws:kafka:eu-west-1:1:cluster/c/1 request aws_iam TOKEN lambda
    arn:aws:cognito-idp:eu-west-1:1:userpool/x cognito oidc PreSignUp true 7 AT_TIMESTAMP mock http STREAM scheduler"""


def _keys() -> list[str]:
    """Every key that the modules of events know: their shapes are maps of key → kind."""
    found = set()
    for module in pkgutil.walk_packages(events.__path__, f"{events.__name__}."):
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, dict) and all(isinstance(item, str) for pair in value.items() for item in pair):
                found |= set(value)
    return sorted(found)


KEYS = st.sampled_from(_keys())
WORDS = st.sampled_from(_WORDS.split())
CALLS = st.sampled_from([{"Ref": "Q"}, {"Fn::GetAtt": ["Q", "Arn"]}, {"Fn::Sub": "${Q}-x"}, {"Fn::Join": ["", []]}])
SCALARS = st.one_of(WORDS, CALLS, st.none(), st.booleans(), st.integers(-1, 300), st.text(max_size=4))
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.one_of(KEYS, WORDS), inner, max_size=4)),
    max_leaves=8,
)
EVENT_LISTS = st.lists(
    st.dictionaries(
        st.sampled_from(sorted(EVENTS)),
        st.one_of(SCALARS, st.dictionaries(KEYS, VALUES, max_size=6)),
        min_size=1,
        max_size=1,
    ),
    max_size=4,
)
BLOCKS = st.fixed_dictionaries(
    {},
    optional={key: st.dictionaries(st.sampled_from(names.split()), VALUES) for key, names in _PROVIDER.items()},
)


@given(EVENT_LISTS, BLOCKS)
@QUICK
def test_events_compile_or_are_refused(listed: list[Any], provider: dict[str, Any]) -> None:
    document = {
        "service": "shop",
        "provider": {"name": "aws", "runtime": "python3.12", **provider},
        "functions": {"create": {"handler": "app.create", "events": listed}, "gate": {"handler": "app.create"}},
        "resources": {"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}},
    }
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory)
        (root / "app.py").write_text("def create(event, context): ...\n")
        (root / "serverless.json").write_text(json.dumps(document))
        with contextlib.suppress(ConfigError):
            project = open_project(root, options={}, environment={})
            compile_service(
                project, next(iter(project.services)), CompileOptions(None, None, {}, {}, {}, root / "build")
            )
