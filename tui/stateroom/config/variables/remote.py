"""Batch reader of remote values for variables, with a cache.

With the first request, everything that the document's other variables name literally is requested too, so that thirty
`${ssm:…}` are three calls and not thirty.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from stateroom.config.variables.expression import ExpressionError, NotAskedVariableError
from stateroom.errors import NotAskedError, StateroomError
from stateroom.model.remote import RemoteAnswer, RemoteRequest, RemoteValues

Prospects: TypeAlias = Callable[[], Iterable[RemoteRequest]]
"""What else will probably be asked for."""


@dataclass(slots=True)
class Remote:
    """Remote values read for one document. `values` is None without a cloud."""

    values: RemoteValues | None = None
    _answers: dict[RemoteRequest, RemoteAnswer] = field(default_factory=dict)
    _looked_ahead: bool = False

    def read(self, request: RemoteRequest, shown: str, prospects: Prospects) -> RemoteAnswer:
        """Return the answer to a request; `shown` is the variable that needs it.

        Raises:
            NotAskedVariableError: nothing is asked for now.
            ExpressionError: it cannot be read, and why; that it does not exist is an answer.
        """
        if request not in self._answers:
            self._ask(request, shown, prospects)
        answer = self._answers[request]
        if isinstance(answer, NotAskedError):
            raise NotAskedVariableError(shown)
        if isinstance(answer, StateroomError):
            reason = "; ".join(part for part in (answer.what, answer.why) if part)
            raise ExpressionError(f"{shown} cannot be read: {reason}", answer.todo)
        return answer

    def _ask(self, request: RemoteRequest, shown: str, prospects: Prospects) -> None:
        if self.values is None:
            raise ExpressionError(
                f"{shown} cannot be read: there is no connection to a cloud here",
                "give credentials and a network, or add a fallback that is known: ${param:…} goes before it",
            )
        requests: Sequence[RemoteRequest] = [request]
        if not self._looked_ahead:
            self._looked_ahead = True  # the look ahead may itself need a value from far away
            requests = list(dict.fromkeys([request, *prospects()]))
        self._answers |= self.values.read([one for one in requests if one not in self._answers])
