"""Passphrase of a service: where it is kept, whether it fits; the keyring can keep or forget it.

The passphrase itself is never shown: it is typed unseen, and goes only to the engine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input, Label

from stateroom.engine.requests import Cockpit
from stateroom.presentation.text import cells, pad, plain
from stateroom.ui.screens.dialog import Dialog, TypedName, paragraphs
from stateroom.ui.widgets.cells import Cell
from stateroom.ui.widgets.text_list import TextLine, TextList, wrapped
from stateroom.ui.workers.engine_events import ErrorLines

if TYPE_CHECKING:
    from stateroom.engine.tools.passphrases import PassphrasePlace, Passphrases

_FITS = {True: ("fits", "good"), False: ("does not fit", "bad"), None: ("nothing to check it against yet", "dim")}


@dataclass(frozen=True, slots=True)
class PassphraseReport:
    """Places of a passphrase, and which of them keep one that fits."""

    place: str  # app/stage
    user: str  # what the keyring calls it
    places: tuple[PassphrasePlace, ...]
    keyring: str
    only_in_keyring: bool
    said: str = ""  # what was just done

    @property
    def in_keyring(self) -> bool:
        """Whether the keyring keeps one."""
        return any(place.source == "keyring" and place.kept for place in self.places)


Ask = Callable[[Callable[[Cockpit], PassphraseReport], Callable[[PassphraseReport | None, ErrorLines], object]], object]
"""Does some work with the cockpit in a thread, then calls the second with (report, ()) or (None, error)."""


class PassphrasesScreen(Dialog[None]):
    """Dialog that reads the places when it opens, and again after each change."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "set", "Set", show=False),
        Binding("f", "forget", "Forget", show=False),
    ]

    def __init__(self, service: str, ask: Ask) -> None:
        super().__init__()
        self._service, self._ask = service, ask
        self._report: PassphraseReport | None = None

    def compose(self) -> ComposeResult:
        """Compose title, places, notice and keys."""
        with Vertical(classes="dialog"):
            yield Label(plain(f"Passphrase of {self._service}"), classes="title", markup=False)
            yield Label("looking…", id="summary", markup=False)
            yield TextList(id="places")
            yield Label("", id="notice", markup=False)
            yield Label("s set in the keyring   f forget it there   esc close", classes="keys", markup=False)

    def on_mount(self) -> None:
        """Read the places; in a thread, because a keyring may take its time."""
        self.query_one("#notice").display = False
        self.query_one(TextList).focus()
        self._do(lambda _: None, "")

    def action_set(self) -> None:
        """Let the user type a passphrase for the keyring."""
        if self._report is not None:
            self._type(Input(password=True, placeholder="passphrase", id="phrase", compact=True))
            self._notice("Type the passphrase that it was deployed with, and press enter. It is checked first.")

    def action_forget(self) -> None:
        """Ask for the name of the place, because forgetting cannot be undone."""
        if self._report is not None and not self._report.in_keyring:
            self._drop_field()
            self._notice("The keyring has none to forget.")
        elif self._report is not None:
            self._type(TypedName(self._report.place))
            lost = "The keyring is the only place that keeps it: without it nobody can read the secrets of the state."
            kept = "It stays where else it is kept."
            why = lost if self._report.only_in_keyring else kept
            self._notice(f"{why} Type {self._report.place} and press enter to take it out; esc does not.")

    def action_leave(self) -> None:
        """Leave the field, or else the dialog."""
        if self.query(Input):
            self._drop_field()
        else:
            super().action_leave()

    @on(Input.Submitted, "#phrase")
    def _typed_phrase(self, event: Input.Submitted) -> None:
        phrase = event.value
        if phrase:
            self._drop_field()
            self._do(lambda passphrases: passphrases.set(phrase), "Kept in the keyring, and read back.")

    @on(Input.Submitted, "#typed")
    def _typed_name(self, event: Input.Submitted) -> None:
        if self._report is None or event.value.strip() != self._report.place:
            self._notice(f"That is not {self._report.place if self._report else 'it'}; esc leaves it in the keyring.")
            return
        self._drop_field()
        self._do(lambda passphrases: passphrases.forget(even_the_last=True), "The keyring has forgotten it.")

    def _do(self, work: Callable[[Passphrases], None], said: str) -> None:
        service = self._service
        self._ask(lambda cockpit: _reported(cockpit, service, work, said), self._show)

    def _show(self, report: PassphraseReport | None, error: ErrorLines) -> None:
        if not self.is_attached:
            return  # the user has left
        if report is not None:
            self._report = report
            self.query_one("#summary", Label).update(report.said or "In the order in which they are asked:")
            self.query_one(TextList).write(lambda width: report_lines(report, width))
        elif self._report is None:
            self.query_one("#summary", Label).update("Nobody can say:")
            self.query_one(TextList).write(paragraphs(error, "bad"))
        else:
            self._notice(*error)

    def _type(self, field: Input) -> None:
        self._drop_field()
        self.query_one(".dialog").mount(field, before=".keys")
        field.focus()

    def _drop_field(self) -> None:
        self.query(Input).remove()
        self.query_one("#notice").display = False
        self.query_one(TextList).focus()

    def _notice(self, *lines: str) -> None:
        notice = self.query_one("#notice", Label)
        notice.update("\n".join(plain(line[:1].upper() + line[1:]) for line in lines))
        notice.display = True


def _reported(cockpit: Cockpit, service: str, work: Callable[[Passphrases], None], said: str) -> PassphraseReport:
    from stateroom.engine.tools.passphrases import Passphrases
    from stateroom.engine.tools.state_tools import tools_of

    passphrases = Passphrases(tools_of(cockpit, service))
    work(passphrases)
    places = passphrases.status()
    return PassphraseReport(
        passphrases.place, passphrases.user, places, passphrases.keyring, passphrases.only_in_keyring, said
    )


def report_lines(report: PassphraseReport, width: int) -> Iterator[TextLine]:
    """Yield a line for each place, and the name of the keyring."""
    names = max(cells(place.source) for place in report.places) if report.places else 0
    for place in report.places:
        text, style = _FITS[place.fits] if place.kept else ("none", "dim")
        note = f"  {plain(place.note)}" if place.note else ""
        yield (Cell(f"  {pad(place.source, names)}  "), Cell(text, style), Cell(note, "dim"))
    yield ()
    if all(place.note != report.keyring for place in report.places):
        yield from wrapped(f"keyring: {plain(report.keyring)}", width, "dim")
    yield from wrapped(f"kept there as: {plain(report.user)}", width, "dim")
