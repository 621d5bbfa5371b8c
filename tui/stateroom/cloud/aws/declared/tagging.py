"""Tags of a type: where they are read, and which operations write them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from stateroom.cloud import tags
from stateroom.cloud.aws.declared.call import ApiCall
from stateroom.model.values import Value

TagStyle: TypeAlias = Literal["map", "list", "camel", "tag", "items", "pairs"]

BY_ARN: Final[Mapping[str, Value]] = {"ResourceArn": "{id}"}


@dataclass(frozen=True, slots=True)
class Tagging:
    """Tags in a service's API.

    Args:
        write: operation that sets some.
        remove: operation that takes some away, by key.
        read: operation that lists them; None: the reading call's answer has them as `argument`.
        address: arguments that say whose; empty: the type's own address.
        style: "map", "list" of Key and Value, "camel", a list of key and value, "tag", of TagKey and TagValue, or
            "items", a list of Key and Value below Items, as the keys to remove are, or "pairs", a list of Key and
            Value where keys to remove are a list of Key.
        argument: of the writing call.
        keys: of the removing call.
        at_create: of the creating call; "": it takes none, and they are written right afterwards.
        answered: member of the answer with the tags; "": `argument`.
        property: CloudFormation's; its values are a list, or a map as the schema says.
        as_map: whether CloudFormation's property is a map.
        if_declared: read them only for configs that set some, where that takes a call of its own.
        tells_absence: whether `read` fails for what does not exist, so that nothing else is asked to locate one.
    """

    write: str
    remove: str
    read: ApiCall | None = None
    address: Mapping[str, Value] | None = None
    style: TagStyle = "map"
    argument: str = "Tags"
    keys: str = "TagKeys"
    at_create: str = "Tags"
    answered: str = ""
    property: str = "Tags"
    as_map: bool = False
    if_declared: bool = False
    tells_absence: bool = False

    def shaped(self, wanted: Mapping[str, str]) -> Any:
        """Return tags as this API takes them."""
        if self.style == "map":
            return dict(wanted)
        spelled = {"camel": ("key", "value"), "tag": ("TagKey", "TagValue")}
        key, value = spelled.get(self.style, ("Key", "Value"))
        listed = [{key: name, value: wanted[name]} for name in sorted(wanted)]
        return {"Items": listed} if self.style == "items" else listed

    def removed(self, keys: Iterable[str]) -> Any:
        """Return the keys to take away as this API takes them."""
        if self.style == "pairs":
            return [{"Key": key} for key in keys]
        return {"Items": list(keys)} if self.style == "items" else list(keys)

    def of_user(self, current: Mapping[str, str]) -> Value:
        """Return the user's tags as CloudFormation has them."""
        own = tags.user_tags(current)
        return own if self.as_map else tags.as_list(own)
