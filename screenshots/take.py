"""Draw the pictures of the README by driving the real app: `python screenshots/take.py [--out DIR]`.

The app runs headless on the demo's shop in the demo's own cloud (`stage.py`). `take` works with any cockpit, and any
list of shots.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from stateroom.engine.requests import Cockpit  # noqa: E402
from stateroom.ui.app import StateroomApp  # noqa: E402
from stateroom.ui.options import ScreenOptions  # noqa: E402
from stateroom.ui.workers.reset_client import ResettableHome  # noqa: E402


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture: the keys that lead to it, how large and in which colours."""

    name: str
    keys: tuple[str, ...] = ()
    size: tuple[int, int] = (120, 40)
    theme: str = "dark"
    ascii: bool = False
    no_color: bool = False
    writes: bool = False  # changes the project, so these come last
    stage: str = "shop"  # which of stage.py's scenes it shows


CREATE = ("n", "n")  # to a function that was changed at the console
CHARGE = ("n", "n", "n", "n", "n")  # to one that was changed there and in the config
SHOTS = (
    Shot("deck-dark", keys=CREATE),
    Shot("deck-light", keys=CREATE, theme="light"),
    Shot("deck-80x24", keys=CREATE, size=(80, 24)),
    Shot("deck-200x60", keys=CHARGE, size=(200, 60)),
    Shot("deck-no-color", keys=CREATE, no_color=True),
    Shot("deck-ascii-80x24", keys=CHARGE, size=(80, 24), ascii=True),
    Shot("plan", keys=("d",)),
    Shot("plan-light", keys=("d",), theme="light"),
    Shot("plan-80x24", keys=("r",), size=(80, 24)),
    Shot("plan-no-color", keys=("d",), no_color=True),
    Shot("plan-destroys-80x24", keys=("1", "down", "x"), size=(80, 24)),
    Shot("versions", keys=("3", "down", "down")),
    Shot("versions-light", keys=("3", "down", "down"), theme="light"),
    Shot("versions-80x24", keys=("3", "down", "down"), size=(80, 24)),
    Shot("versions-no-color", keys=("3", "down", "down"), no_color=True),
    Shot("version", keys=("3", "down", "down", "enter")),
    Shot("filter-80x24", keys=("slash", "exclamation_mark"), size=(80, 24)),
    Shot("help", keys=("question_mark",)),
    Shot("value", keys=("slash", *"iamrole", "enter", "4", "enter")),
    Shot("reset", keys=("1", "R"), stage="movable"),
    Shot("reset-80x24", keys=("1", "R"), size=(80, 24), theme="light", stage="movable"),
    Shot("sst", keys=("1", "G", "2", *("down",) * 5), stage="ledger"),
    Shot("sst-80x24", keys=("1", "G", "2", "left", "G", "space"), size=(80, 24), stage="ledger"),
    Shot("activity", keys=("d", "y"), writes=True),
)


async def take(
    shot: Shot,
    factory: Callable[[], Cockpit],
    *,
    clock: Callable[[], datetime],
    home: Callable[[], ResettableHome] | None = None,
) -> str:
    """Draw the picture as SVG."""
    environment = dict(os.environ)
    os.environ.pop("NO_COLOR", None)
    if shot.no_color:
        os.environ["NO_COLOR"] = "1"
    try:
        app = StateroomApp(factory, ScreenOptions(theme=shot.theme, ascii=shot.ascii, home=home), clock=clock)
        async with app.run_test(size=shot.size) as pilot:
            for key in (None, *shot.keys):
                if key is not None:
                    await pilot.press(key)
                await pilot.pause()
                await app.settled()
                await pilot.pause()
            return without_web_fonts(app.export_screenshot(title="stateroom"))
    finally:
        os.environ.clear()
        os.environ.update(environment)


def without_web_fonts(svg: str) -> str:
    """Replace the picture's fonts by ones that every machine has, so that it loads nothing from anywhere."""
    svg = re.sub(r"@font-face\s*{[^}]*}", "", svg)
    svg = re.sub(
        r"font-family: Fira Code, *monospace", "font-family: 'DejaVu Sans Mono', Menlo, Consolas, monospace", svg
    )
    return re.sub(r"[ \t]+$", "", svg, flags=re.MULTILINE)


def main(arguments: Iterable[str] | None = None) -> None:
    from screenshots.stage import later, ledger, movable, shop

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent)
    parser.add_argument("names", nargs="*", help="only these pictures")
    options = parser.parse_args(None if arguments is None else list(arguments))
    chosen = [shot for shot in SHOTS if not options.names or shot.name in options.names]
    for name, scene in {"shop": shop, "movable": movable, "ledger": ledger}.items():
        shots = sorted((shot for shot in chosen if shot.stage == name), key=lambda shot: shot.writes)
        if not shots:
            continue
        with scene() as found:
            factory, home = found if isinstance(found, tuple) else (found, None)
            for shot in shots:
                svg = asyncio.run(take(shot, factory, clock=later(), home=home))
                path = options.out / f"{shot.name}.svg"
                path.write_text(svg, encoding="utf-8")
                print(path.name)


if __name__ == "__main__":
    main()
