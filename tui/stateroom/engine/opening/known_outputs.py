"""Compile a service with what is known of other services' outputs, where the config needs a text and no reference.

An ARN that a name or a logical id is made of, or a bucket's name, must be known while compiling. As long as references
do, they stay references: then one plan serves services that are deployed together.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
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

# Texts in place of outputs that are not known, another one for each output. One of them fits where some text is needed:
# the ARN of a topic, of a table's stream, of a queue, a name, an address, a number.
_STAND_INS: Final = (
    "arn:aws:sns:us-east-1:123456789012:known-later-{}",
    "arn:aws:dynamodb:us-east-1:123456789012:table/known-later-{}/stream/2020-01-01T00:00:00.000",
    "arn:aws:kinesis:us-east-1:123456789012:stream/known-later-{}",
    "arn:aws:sqs:us-east-1:123456789012:known-later-{}",
    "arn:aws:lambda:us-east-1:123456789012:function:known-later-{}",
    "known-later-{}",
    "https://known-later-{}.example.com/",
    "{}",
)


@dataclass(slots=True)
class _Lookup:
    """Outputs by their values, as far as they are known; what was asked for in vain is collected."""

    outputs: Outputs
    stand_in: str = ""
    unknown: dict[tuple[str, str], None] = field(default_factory=dict)

    def __call__(self, service: str, output: str) -> Value:
        value = self.outputs.get(service, {}).get(output)
        if isinstance(value, str | int | float):
            return value
        self.unknown[service, output] = None
        if not self.stand_in:
            return symbolic(service, output)
        return self.stand_in.format(list(self.unknown).index((service, output)) + 1)


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
        _check_the_rest(compile_, outputs)
        raise _known_later(service, known.unknown, outputs, declared, error) from None
    return template


def compile_for_names(compile_: Compile) -> Template:
    """Compile for the names of the resources alone, whatever other services' outputs are. Raises ConfigError."""
    try:
        return compile_(symbolic)
    except ConfigError:
        return _with_stand_ins(compile_, {})


def _check_the_rest(compile_: Compile, outputs: Outputs) -> None:
    """Raise the ConfigError that has nothing to do with outputs that are not known: it is there whatever they are."""
    with suppress(_DependsOnValuesError):
        _with_stand_ins(compile_, outputs)


class _DependsOnValuesError(ConfigError):
    """A service does not compile with any of the stand-ins, and each time for another reason."""


def _with_stand_ins(compile_: Compile, outputs: Outputs) -> Template:
    """Compile with texts in place of what is not known.

    Raises:
        _DependsOnValuesError: none of them fits everywhere.
        ConfigError: the files say something that cannot be compiled with any value.
    """
    errors: dict[object, ConfigError] = {}
    for text in _STAND_INS:
        try:
            return compile_(_Lookup(outputs, text))
        except ConfigError as error:
            errors.setdefault((error.what, error.where), error)
    first = next(iter(errors.values()))
    if len(errors) == 1:
        raise first
    raise _DependsOnValuesError(first.what, why=first.why, todo=first.todo, where=first.where)


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
