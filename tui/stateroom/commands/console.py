"""Where a command's words go: answers to standard output, progress to standard error, questions to a person."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Mapping
from typing import Any, TextIO

from stateroom.errors import OutputError
from stateroom.presentation.text import asciify, elide

# 256-colour numbers; the sides are those of the Okabe-Ito palette that the screen uses, and nothing is said by colour
# alone.
_STYLES = {
    "bold": "1",
    "dim": "2",
    "config": "1;38;5;74",
    "state": "1;38;5;178",
    "cloud": "1;38;5;208",
    "conflict": "1;38;5;175",
    "danger": "1;38;5;166",
}


class Console:
    """The three streams of a command line, and how much each of them can show."""

    def __init__(
        self,
        out: TextIO,
        err: TextIO,
        input_: TextIO,
        environment: Mapping[str, str],
        *,
        as_json: bool = False,
        ascii_only: bool = False,
        no_color: bool = False,
    ) -> None:
        self._out, self._err, self._input = out, err, input_
        self.as_json = as_json
        self._ascii = ascii_only or not _encodes(out, "▸…│")
        plain = no_color or bool(environment.get("NO_COLOR")) or environment.get("TERM") == "dumb"
        self._colour = out.isatty() and not plain
        self._live = err.isatty() and environment.get("TERM") != "dumb" and not as_json
        self._shown = ""
        self._lock = threading.RLock()  # events come from many threads

    @property
    def terminal(self) -> bool:
        """Whether a person sees our output and can answer."""
        return self._input.isatty() and self._out.isatty() and not self.as_json

    @property
    def draws(self) -> bool:
        """Whether the last line of progress is drawn again and again; a log or a pipe gets whole lines only."""
        return self._live

    @property
    def width(self) -> int:
        """Columns for text; a file or a pipe is given a comfortable 120."""
        return shutil.get_terminal_size((120, 40)).columns if self._out.isatty() else 120

    def paint(self, text: str, style: str) -> str:
        """`text` in a style, where colour is wanted."""
        return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if self._colour and text.strip() else text

    def say(self, text: str = "") -> None:
        """Print a line of the answer; silent in JSON mode."""
        if not self.as_json:
            self._write(self._out, self._fit(text))

    def document(self, value: Mapping[str, Any]) -> None:
        """Print the one JSON document that is the answer."""
        self._write(self._out, json.dumps(value, indent=2))

    def json_line(self, value: Mapping[str, Any]) -> None:
        """One JSON object of many, a line each, written at once."""
        self._write(self._out, json.dumps(value, separators=(",", ":")))

    def progress(self, text: str) -> None:
        """Print a line about what is happening to stderr; silent in JSON mode, whose events say it."""
        if not self.as_json:
            self._write(self._err, self._fit(text))

    def complain(self, text: str) -> None:
        """Print a line about what went wrong or needs care to stderr, in every mode."""
        self._write(self._err, self._fit(text))

    def live(self, text: str) -> None:
        """Replace the last line of a terminal's progress; "" takes it away."""
        if not self._live:
            return
        with self._lock:
            fitted = elide(self._fit(text), shutil.get_terminal_size((80, 24)).columns - 1)
            if fitted != self._shown:
                self._err.write(f"\r\x1b[K{fitted}")
                self._err.flush()
                self._shown = fitted

    def ask(self, question: str) -> str:
        """Ask a person and return the answer, stripped; "" at the end of input. Only where `terminal` is true."""
        self._out.write(self._fit(question))
        self._out.flush()
        return self._input.readline().strip()

    def _fit(self, text: str) -> str:
        return asciify(text) if self._ascii else text

    def _write(self, stream: TextIO, text: str) -> None:
        with self._lock:
            shown = self._shown
            try:
                self.live("")
                stream.write(_encodable(stream, text) + "\n")
                stream.flush()
                if shown:
                    self.live(shown)
            except BrokenPipeError:
                raise
            except OSError as error:
                if stream is self._err:
                    return  # there is nowhere to say it
                why, todo = error.strerror or "", "make room where it goes to, and run the command again"
                raise OutputError("the output cannot be written", why=why, todo=todo) from error


def _encodes(stream: TextIO, text: str) -> bool:
    return _encodable(stream, text) == text


def _encodable(stream: TextIO, text: str) -> str:
    """`text` with what the stream's encoding has no character for as escapes, so that printing never fails."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.encode(encoding, "backslashreplace").decode(encoding)
    return text
