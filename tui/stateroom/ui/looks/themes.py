"""Themes. The three sides have the colours of Okabe and Ito, which colour-blind eyes tell apart."""

from __future__ import annotations

from textual.color import Color
from textual.theme import Theme

DARK = Theme(
    name="stateroom-dark",
    primary="#3fae8f",
    secondary="#8a94a3",
    accent="#4cc2a0",
    warning="#e6b450",
    error="#ff7b6b",
    success="#4cc2a0",
    foreground="#d3d7dd",
    background="#13161a",
    surface="#1b1f25",
    panel="#232930",
    dark=True,
)

LIGHT = Theme(
    name="stateroom-light",
    primary="#00694d",
    secondary="#5b6470",
    accent="#00694d",
    warning="#8a5a00",
    error="#b3261e",
    success="#00694d",
    foreground="#23272c",
    background="#fcfcfa",
    surface="#f2f2ee",
    panel="#e6e7e2",
    dark=False,
)

NAMES = {"dark": DARK.name, "light": LIGHT.name}
"""Short names, as options and messages use them."""

_DARK_SIDES = {
    "side-config": "#56B4E9",
    "side-state": "#F0E442",
    "side-cloud": "#E69F00",
    "side-conflict": "#CC79A7",
    "line-cursor": "#2b3946",
    "line-cursor-blurred": "#20262d",
}
# The same hues, darkened until they read on white.
_LIGHT_SIDES = {
    "side-config": "#0072B2",
    "side-state": "#7A6A00",
    "side-cloud": "#B84F00",
    "side-conflict": "#9B4F7E",
    "line-cursor": "#d3e4ea",
    "line-cursor-blurred": "#ebece8",
}


def variables(theme: Theme) -> dict[str, str]:
    """Return CSS variables for the sides, the cursor and dim text, under any theme."""
    # A list paints a line in partial styles, in which a colour cannot be transparent: so it is mixed here.
    ground = Color.parse(theme.background or ("#121212" if theme.dark else "#fafafa"))
    text = Color.parse(theme.foreground or ("#e0e0e0" if theme.dark else "#202020"))
    dim = text.blend(ground, 0.42 if theme.dark else 0.36)
    return {**(_DARK_SIDES if theme.dark else _LIGHT_SIDES), "text-dim": dim.hex6}
