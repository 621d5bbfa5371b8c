"""`python -m stateroom` is `stateroom`."""

import os
import sys

# `python -m` looks for modules in the working directory first, and would take a project's own yaml.py for ours. The
# console script does not. What Python loads before this line is its own matter: `python -P -m stateroom`.
if sys.path and os.path.realpath(sys.path[0]) == os.path.realpath(os.getcwd()):  # noqa: PTH109 - nothing is imported
    del sys.path[0]

from stateroom.entry import main

main()
