"""Setting: one property of a type, its name and form in the API, and the call that writes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from stateroom.cloud.aws.declared.call import ApiCall
from stateroom.cloud.aws.declared.form import AS_IS, Form, typed
from stateroom.model.values import Value


@dataclass(frozen=True, slots=True)
class Setting:
    """Property that calls send and answers have.

    Args:
        form: its form in the API.
        unset: what an update sends when the property goes away, in the API's form; None: nothing.
        name: the API's argument; "": the property's name, in the type's `spelling`.
        answered: dotted path in the answer of the reading call; "": `name`.
        group: key of `updating`, the call that writes it.
        at_create: whether the creating call takes it; if not, it is written right afterwards.
        fixed: never sent by an update. Properties that the schema calls create-only are fixed without saying so.
        write: operation of its own that sets it; takes the address and the setting.
        clear: operation of its own that takes it away; takes the address alone.
    """

    form: Form = AS_IS
    unset: Value = None
    name: str = ""
    answered: str = ""
    group: str = ""
    at_create: bool = True
    fixed: bool = False
    write: ApiCall | None = None
    clear: ApiCall | None = None


def settings_of(
    *names: str, unset: Value = None, form: Form = AS_IS, group: str = "", name: str = ""
) -> Mapping[str, Setting]:
    """Return one setting a name, all alike."""
    return dict.fromkeys(names, Setting(form, unset, name, group=group))


def typed_settings(type_: str, *names: str, unset: Value = None) -> Mapping[str, Setting]:
    """Return one setting a name, each in the form that the type's schema says."""
    return {name: Setting(typed(type_, name), unset) for name in names}


def lookup(answer: Value, path: str) -> Value:
    """Return what stands at a dotted path of an answer, or None."""
    for key in path.split("."):
        answer = answer.get(key) if isinstance(answer, Mapping) else None
    return answer
