"""A program on a terminal of its own: what it paints, when, and at what cost in memory.

A pseudo-terminal and the little of a terminal emulator that Textual's output needs: cursor positions, text, clearing.
A moment on the screen is dated by the read that brought it, so watching costs the program nothing.
"""

from __future__ import annotations

import codecs
import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

_TOKEN = re.compile(
    r"\x1b\[([?<>=]?)([\d;:]*)([ $]?[@-~])|\x1b[P\]_^].*?(?:\x1b\\|\x07)"
    r"|\x1b[()][A-Z0-9]|\x1b[=>78cM]|[\r\n\b]|[^\x1b\r\n\b]+",
    re.DOTALL,
)
_UNFINISHED = re.compile(r"\x1b(?:\[[?<>=]?[\d;:]*[ $]?|[P\]_^][^\x07]*|[()]?)?$", re.DOTALL)


class Screen:
    """The characters on a screen; colours are left out."""

    def __init__(self, columns: int, rows: int) -> None:
        self.columns, self.rows = columns, rows
        self._cells = [[" "] * columns for _ in range(rows)]
        self._x = self._y = 0
        self._rest = ""
        self.painted = 0  # characters written on the alternate screen
        self.queries: list[str] = []  # questions to the terminal, not answered yet
        self._alternate = False

    def feed(self, text: str) -> None:
        """Take in a piece of output."""
        text = self._rest + text
        cut = _UNFINISHED.search(text)
        self._rest = text[cut.start() :] if cut else ""
        for match in _TOKEN.finditer(text, 0, cut.start() if cut else len(text)):
            token = match[0]
            if match[3]:
                self._control(match[1], match[2], match[3])
            elif token == "\r":
                self._x = 0
            elif token == "\n":
                self._y = min(self._y + 1, self.rows - 1)
            elif token == "\b":
                self._x = max(0, self._x - 1)
            elif token[0] != "\x1b":
                self._write(token)

    def _write(self, text: str) -> None:
        if self._alternate:
            self.painted += len(text)
        end = min(self._x + len(text), self.columns)
        self._cells[self._y][self._x : end] = text[: end - self._x]
        self._x = end

    def _control(self, private: str, arguments: str, final: str) -> None:
        numbers = [int(part) if part.isdigit() else 0 for part in arguments.split(";")]
        if final == "$p":
            self.queries.append(f"\x1b[?{arguments};2$y")  # the mode is known, and off
        elif private:
            self._alternate |= final == "h" and arguments == "1049"
        elif final == "H":
            row, column = (*numbers, 1, 1)[:2] if arguments else (1, 1)
            self._y, self._x = min(max(row, 1), self.rows) - 1, min(max(column, 1), self.columns) - 1
        elif final == "J":
            self._cells = [[" "] * self.columns for _ in range(self.rows)]
        elif final == "K":
            self._cells[self._y][self._x :] = [" "] * (self.columns - self._x)
        elif final in "CD":
            move = max(numbers[0], 1) if final == "C" else -max(numbers[0], 1)
            self._x = min(max(self._x + move, 0), self.columns - 1)

    @property
    def text(self) -> str:
        """What can be read."""
        return "\n".join("".join(line).rstrip() for line in self._cells)


class Terminal:
    """A program running on a pseudo-terminal. Use as a context: leaving ends it."""

    def __init__(
        self, command: Sequence[str], *, size: tuple[int, int], environment: Mapping[str, str], cwd: Path
    ) -> None:
        columns, rows = size
        self.screen = Screen(columns, rows)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.opened = self.started = time.perf_counter()
        self.process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=cwd,
            env={**environment, "TERM": "xterm-256color", "COLORTERM": "truecolor"},
            start_new_session=True,
            preexec_fn=_own_terminal,
        )
        os.close(slave)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        os.close(self._master)

    def wait_for(self, condition: Callable[[Screen], bool], *, timeout: float, what: str) -> float:
        """Seconds since `started` or the last `send` until the output that makes the condition true has come.

        Raises:
            RuntimeError: that did not happen in time, or the program ended; says what is on the screen.
        """
        deadline = time.perf_counter() + timeout
        while not condition(self.screen):
            if not self._read(deadline - time.perf_counter()):
                raise RuntimeError(f"{what}: not within {timeout:g} s; on the screen:\n{self.screen.text.rstrip()}")
            moment = time.perf_counter()
        return moment - self.started

    def settle(self, quiet: float, *, at_most: float = 5.0) -> None:
        """Read until nothing has come for `quiet` seconds, or `at_most` have passed: a cursor may blink for ever."""
        end = time.perf_counter() + at_most
        while time.perf_counter() < end and self._read(quiet):
            pass

    def send(self, keys: str) -> None:
        """Type; the clock starts anew."""
        self.started = time.perf_counter()
        os.write(self._master, keys.encode())

    def _read(self, timeout: float) -> bool:
        ready, _, _ = select.select([self._master], [], [], max(0.0, timeout))
        if not ready:
            return False
        try:
            data = os.read(self._master, 1 << 16)
        except OSError:  # Linux says so when the other end has closed
            return False
        self.screen.feed(self._decoder.decode(data))
        for answer in self.screen.queries:
            os.write(self._master, answer.encode())
        self.screen.queries.clear()
        return bool(data)

    def memory(self) -> float:
        """Resident memory of the program now, without its children, in MB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        return int(found[1]) / 1024 if found else 0.0

    def cpu(self) -> float:
        """Seconds of CPU that the program's threads have taken so far; what others do on the machine counts little."""
        threads = Path(f"/proc/{self.process.pid}/task").glob("*/schedstat")
        return sum(int(path.read_text().split()[0]) for path in threads) / 1e9


def _own_terminal() -> None:
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
