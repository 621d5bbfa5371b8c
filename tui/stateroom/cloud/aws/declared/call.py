"""Call: an operation of a service with its arguments as templates."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from string import Formatter
from typing import Any, Final

from stateroom.cloud.aws.calls import Clients
from stateroom.cloud.provider import Identity, ResourceData
from stateroom.model.values import Value, reveal

_ALONE: Final = re.compile(r"\{(\w+)((?:\[\w+\])*)\}")  # one name: its value goes in as it is, a number as a number
_PLACES: Final = frozenset({"account", "answer", "before", "domain", "id", "last", "part", "partition", "region"})


@dataclass(frozen=True, slots=True)
class ApiCall:
    """Operation of the type's service.

    Args:
        operation: name of the client's method: "create_queue".
        arguments: argument → template ("{QueueName}", see Names) or a value that always goes in. An argument whose
            template names an unset property is left out.
        answer: dotted path of the answer's member that counts; "": the whole answer.
        inside: the argument that holds the settings as a map: "Attributes"; "": they are arguments themselves.
        each: arguments for name and value, where an operation writes one setting: ("AttributeName", "AttributeValue").
        whole: send every setting of the group, not only those that changed: the API replaces the whole.
        keeps: send what is there along, and the tags: the API resets what it is not told.
        addressed: whether the type's address, and its parent's, are arguments as well.
        retry: error code → fragments of its message, one of which must occur (none given: any message).
        reason: what the user reads while it is tried again.
        deadline: seconds of pauses.
    """

    operation: str
    arguments: Mapping[str, Value] = field(default_factory=dict)
    answer: str = ""
    inside: str = ""
    each: tuple[str, str] | None = None
    whole: bool = False
    keeps: bool = False
    addressed: bool = True
    retry: Mapping[str, Sequence[str]] = field(default_factory=dict)
    reason: str = ""
    deadline: float = 120.0

    def sent(self, settings: Mapping[str, Value]) -> Iterator[dict[str, Any]]:
        """Yield the arguments that carry settings, one map a call."""
        if self.each:
            yield from ({self.each[0]: name, self.each[1]: value} for name, value in settings.items())
        else:
            yield {self.inside: dict(settings)} if self.inside else dict(settings)


class Names(Mapping[str, Any]):
    """What templates may name.

    `{id}`: the physical id; `{part[0]}`: a part of one that is joined by `|`; `{before}`, `{last}`: what stands before
    and behind the last colon of an ARN; `{account}`, `{region}`, `{partition}`, `{domain}`: of AWS's hosts there;
    `{answer[Arn]}`: a member of the answer at hand (of a create, of a listing's item), else of the reading call's,
    which costs a reading; anything else is a member of the answer at hand, else a property of the inputs.
    """

    def __init__(
        self,
        clients: Clients,
        resource: ResourceData,
        reading: Callable[[], Any],
        at_hand: Any = None,
    ) -> None:
        self._clients = clients
        self._resource = resource
        self._reading = reading
        self._at_hand = at_hand if isinstance(at_hand, Mapping) else {}

    def __getitem__(self, name: str) -> Any:
        if name in _PLACES:
            return self._place(name)
        value = reveal(self._at_hand.get(name, self._resource.inputs.get(name)))
        if value is None:
            raise KeyError(name)
        return value

    def __iter__(self) -> Iterator[str]:
        return iter({*_PLACES, *self._at_hand, *self._resource.inputs})

    def __len__(self) -> int:
        return len(list(iter(self)))

    def fill(self, template: Value) -> Any:
        """Return a template's value; a list's items one by one. Raises KeyError for a name that is not there."""
        if isinstance(template, list | tuple):
            return [self.fill(item) for item in template]
        if not isinstance(template, str) or "{" not in template:
            return template
        alone = _ALONE.fullmatch(template)
        if alone is None:
            return template.format_map(self)
        value = self[alone[1]]
        for key in re.findall(r"\w+", alone[2]):
            value = value[int(key) if isinstance(value, list) else key]
        return value

    def fill_all(self, templates: Mapping[str, Value]) -> dict[str, Any]:
        """Return arguments of their templates, without those whose names are not there, or have an empty text."""
        filled = {}
        for argument, template in templates.items():
            with suppress(KeyError, IndexError):
                filled[argument] = self.fill(template)
        return {argument: value for argument, value in filled.items() if value != ""}

    def _place(self, name: str) -> Any:
        if name in ("account", "region", "partition"):
            here: Identity = self._clients.identity()
            return getattr(here, name)
        if name == "domain":
            return "amazonaws.com.cn" if self._clients.identity().partition == "aws-cn" else "amazonaws.com"
        if name == "answer":
            return self._at_hand or self._reading() or {}
        id_ = self._resource.id
        before, _, last = id_.rpartition(":")
        return {"id": id_, "part": id_.split("|"), "before": before, "last": last}[name]


def properties_in(templates: Mapping[str, Value]) -> frozenset[str]:
    """Return the properties that templates name."""
    texts = [template for template in templates.values() if isinstance(template, str)]
    names = {name.split("[")[0] for text in texts for _, name, _, _ in Formatter().parse(text) if name}
    return frozenset(names - _PLACES)
