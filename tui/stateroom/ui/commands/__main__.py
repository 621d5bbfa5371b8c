"""`python -m stateroom.ui.commands` prints the commands as a Markdown table."""

from __future__ import annotations

import sys

from stateroom.ui.commands import markdown

sys.stdout.write(markdown() + "\n")
