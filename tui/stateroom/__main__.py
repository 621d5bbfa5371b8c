"""`python -m stateroom` is `stateroom`."""

import sys

from stateroom.cli import main

sys.exit(main())
