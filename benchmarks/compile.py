"""`python benchmarks/compile.py`: how long 1,000 functions in 50 files take to compile, and in how much memory."""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.config.big import write_big_project

from stateroom.config.compiler import compile_service
from stateroom.config.project import open_project
from stateroom.config.settings import Settings


def main() -> None:
    """Compile twice: the first time packages are made, the second time they are found."""
    with tempfile.TemporaryDirectory() as directory:
        root = write_big_project(Path(directory) / "big")
        for run in ("first", "again"):
            started = time.perf_counter()
            project = open_project(root, options={}, environment={})
            template = compile_service(project, "big", Settings(None, None, {}, {}, {}, root / "build"))
            seconds = time.perf_counter() - started
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1024 if sys.platform != "darwin" else 2**20)
            print(f"{run}: {len(template.resources)} resources in {seconds:.2f} s, at most {memory} MB")


if __name__ == "__main__":
    main()
