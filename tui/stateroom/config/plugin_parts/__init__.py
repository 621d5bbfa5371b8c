"""What plugins of the framework add to a service, compiled as they do it: one module a plugin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stateroom.config.plugin_parts.alerts import compile_alerts
from stateroom.config.plugin_parts.autoscaling import compile_autoscaling
from stateroom.config.plugin_parts.domains import compile_domains
from stateroom.config.plugin_parts.dotenv import add_dotenv
from stateroom.config.plugin_parts.settings import binary_types, log_retention, tracing

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from stateroom.config.compilation import Compilation
    from stateroom.config.function import Function


def prepare_plugins(build: Compilation, plugins: Collection[str]) -> None:
    """Apply what plugins change before functions are compiled. Raises ConfigError."""
    if "serverless-dotenv-plugin" in plugins:
        add_dotenv(build)


def compile_plugins(build: Compilation, plugins: Collection[str], functions: Mapping[str, Function]) -> None:
    """Add what plugins add to the compiled resources. Raises ConfigError."""
    if "serverless-plugin-log-retention" in plugins:
        log_retention(build, functions)
    if "serverless-plugin-tracing" in plugins:
        tracing(build, functions)
    if "serverless-apigw-binary" in plugins:
        binary_types(build)
    if "serverless-dynamodb-autoscaling" in plugins:
        compile_autoscaling(build)
    if "serverless-plugin-aws-alerts" in plugins:
        compile_alerts(build, functions)
    if "serverless-domain-manager" in plugins:
        compile_domains(build)
