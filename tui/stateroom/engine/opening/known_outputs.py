"""Compile a service with what is known of other services' outputs, where the config needs a text and no reference.

An ARN that a name or a logical id is made of, or a bucket's name, must be known while compiling. As long as references
do, they stay references: then one plan serves services that are deployed together.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from stateroom.config.siblings import OutputValue, symbolic
from stateroom.engine.records.record_references import Declared, undeclared
from stateroom.errors import ConfigError, KnownLaterError, TrustError
from stateroom.model.problems.suggestions import did_you_mean
from stateroom.model.resource import Template
from stateroom.model.values import Value

Compile: TypeAlias = Callable[[OutputValue], Template]
Outputs: TypeAlias = Mapping[str, Mapping[str, Value]]

# Compiles wherever some text is needed, so that only errors remain that have nothing to do with what is not known.
_STAND_IN: Final = "arn:aws:sns:us-east-1:123456789012:known-later"


@dataclass(slots=True)
class _Lookup:
    """Outputs by their values, as far as they are known; what was asked for in vain is collected."""

    outputs: Outputs
    stand_in: bool = False
    unknown: dict[tuple[str, str], None] = field(default_factory=dict)

    def __call__(self, service: str, output: str) -> Value:
        value = self.outputs.get(service, {}).get(output)
        if isinstance(value, str | int | float):
            return value
        self.unknown[service, output] = None
        return _STAND_IN if self.stand_in else symbolic(service, output)


def compile_with_outputs(
    compile_: Compile, service: str, outputs: Outputs, declared: Declared = undeclared
) -> Template:
    """Compile with references to other services' outputs; where these do not compile, with the outputs' values.

    Args:
        compile_: compiles the service with a value for each output.
        service: its name, for the error.
        outputs: known values by service and name, UNKNOWN among them; without services of which nothing is known.
        declared: names of the outputs that another service's config declares; None where that is not known.

    Raises:
        KnownLaterError: it needs the value of an output that only a deploy of another service will tell.
        ConfigError: the files say something that cannot be compiled.
    """
    references = _Lookup({})
    try:
        return compile_(references)
    except TrustError:
        raise
    except ConfigError:
        if not references.unknown:
            raise
    known = _Lookup(outputs)
    try:
        template = compile_(known)
    except ConfigError as error:
        if not known.unknown:
            raise error from None
        compile_(_Lookup(outputs, stand_in=True))  # an error that is left has another reason
        raise _known_later(service, known.unknown, outputs, declared, error) from None
    return template


def compile_for_names(compile_: Compile) -> Template:
    """Compile for the names of the resources alone, whatever other services' outputs are. Raises ConfigError."""
    try:
        return compile_(symbolic)
    except ConfigError:
        return compile_(_Lookup({}, stand_in=True))


def _known_later(
    service: str, unknown: Collection[tuple[str, str]], outputs: Outputs, declared: Declared, error: ConfigError
) -> Exception:
    """Return the error for outputs that are needed as texts: of one that has none of the name, or for later."""
    for other, output in unknown:
        names = declared(other)
        if names is None:
            names = outputs.get(other)
        if names is not None and output not in {*names, *outputs.get(other, ())}:
            there = ", ".join(sorted(names)) or "none"
            return ConfigError(
                f"{service} needs {output} of {other}, and {other} has no such output",
                why=f"its outputs: {there}",
                todo=did_you_mean(output, names) or f"add it to resources.Outputs of {other}, or correct the name",
                where=error.where,
            )
    services = tuple(dict.fromkeys(other for other, _ in unknown))
    needed = ", ".join(f"{output} of {other}" for other, output in unknown)
    return KnownLaterError(
        f"{service} is known after {', '.join(services)}",
        why=f"it needs {needed} as a text: {error.what}",
        todo=f"deploy {', '.join(services)} first",
        where=error.where,
        services=services,
    )
