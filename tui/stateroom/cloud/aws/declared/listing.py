"""Listing: pages of a type's resources, for batch reads and to find one whose id the cloud chose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from stateroom.cloud.aws.calls import next_token, paginate
from stateroom.cloud.aws.declared.call import ApiCall
from stateroom.model.values import Value


@dataclass(frozen=True, slots=True)
class Listing:
    """Call that lists resources of one type, of one parent.

    Args:
        call: the operation; its `answer` names the member with the items. `{id}` in its arguments is the id that is
            read, and in a batch what all ids begin with.
        id: template of an item's physical id, of the item's members and the inputs'.
        next_page: argument and member with the next page's token; "": botocore's paginator; None: there is one page.
        same: member of an item → property; for `locate`, items with other values are passed over.
        unique: whether `same` is unique, so that a create would meet such an item, whoever owns it.
        whole: whether an item has all that the reading call answers: `read_many` can use it.
        absent_is_gone: whether what is not listed does not exist. If not, it is read by itself.
    """

    call: ApiCall
    id: str
    next_page: str | None = ""
    same: Mapping[str, str] = field(default_factory=dict)
    unique: bool = False
    whole: bool = True
    absent_is_gone: bool = False

    def items(self, client: Any, arguments: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """Yield every item, over all pages."""
        operation, key = self.call.operation, self.call.answer
        if self.next_page == "":
            yield from paginate(client, operation, key, **arguments)
            return
        token = ""
        while True:
            more = {self.next_page: token} if self.next_page and token else {}
            page = getattr(client, operation)(**arguments, **more)
            yield from page.get(key) or ()
            token = next_token(page, self.next_page, token) if self.next_page else ""
            if not token:
                return

    def alike(self, item: Mapping[str, Any], inputs: Mapping[str, Value]) -> bool:
        """Tell whether an item is of the resource that these inputs describe, as far as `same` tells."""
        return all((item.get(member) or None) == (inputs.get(name) or None) for member, name in self.same.items())
