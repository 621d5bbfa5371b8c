"""Check before a deploy that references lead to resources, and to attributes that their types have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from stateroom.cloud.provider import Provider
from stateroom.config.document.intrinsics import references_in
from stateroom.config.document.suggestions import suggestion
from stateroom.errors import ConfigError, SourceLocation
from stateroom.model.resource import Record, Resource, Template
from stateroom.model.values import Value

_COMPUTED = "*"  # a Fn::GetAtt whose attribute is an expression


def check_references(target: Template, records: Mapping[str, Record], provider: Provider) -> None:
    """Check every Ref and Fn::GetAtt of a target.

    An attribute is accepted if the type's schema or the resource's record has it. Types without a schema take any.

    Raises:
        ConfigError: a resource does not exist, or its type has no such attribute; with file and line.
    """
    for resource in target.resources.values():
        if error := reference_error(resource, target, records, provider):
            raise error
    for name, output in target.outputs.items():
        if error := next(_errors(target, records, provider, f"the output {name}", output.value, output.source), None):
            raise error


def reference_error(
    resource: Resource, target: Template, records: Mapping[str, Record], provider: Provider
) -> ConfigError | None:
    """Return the first reference of a resource that leads nowhere; None when all are good."""
    errors = _errors(target, records, provider, resource.logical_id, resource.properties, resource.source)
    return next(errors, None)


def _errors(
    target: Template,
    records: Mapping[str, Record],
    provider: Provider,
    owner: str,
    value: Value,
    where: SourceLocation | None,
) -> Iterator[ConfigError]:
    for logical_id, attribute in references_in(value):
        resource = target.resources.get(logical_id)
        if resource is None:
            yield ConfigError(
                f"{owner} refers to {logical_id}, which is not deployed",
                why="its condition is false, or nothing makes it",
                todo=f"give {owner} the same Condition, or take the reference out",
                where=where,
            )
            continue
        known = _attributes(provider, resource.type)
        if not attribute or attribute == _COMPUTED or not known or attribute in known:
            continue
        first = attribute.partition(".")[0]
        record = records.get(logical_id)
        if first not in known and (record is None or first not in record.observed):
            yield ConfigError(
                f"{owner} asks for {logical_id}.{attribute}, and an {resource.type} has no attribute {attribute}",
                why="its schema does not list it",
                todo=suggestion(attribute, known),
                where=where,
            )


def _attributes(provider: Provider, type_: str) -> frozenset[str]:
    """Return the attributes that a type's schema lists; none for a type without one."""
    schema = provider.schema(type_)
    return schema.properties | schema.read_only if schema.properties else frozenset()
