"""1,000 functions in 50 files, compiled: time and memory, the first time and again. There is no peer in the table.

The first time packages are made, the second time they are found.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from harness import Budget, Report, Row, finish, parser
from tests.config.big import write_big_project

from stateroom.config.compile_options import CompileOptions
from stateroom.config.compiler import compile_service
from stateroom.config.project import open_project

SECONDS, MEGABYTES = Budget("abs", 3.0), Budget("abs", 300.0)


def main() -> int:
    """Compile twice."""
    options = parser(__doc__, rounds=1).parse_args()
    report = Report("1,000 functions in 50 files")
    with tempfile.TemporaryDirectory() as directory:
        root = write_big_project(Path(directory) / "big")
        for run in ("first", "again"):
            started = time.perf_counter()
            project = open_project(root, options={}, environment={})
            template = compile_service(project, "big", CompileOptions(None, None, {}, {}, {}, root / "build"))
            seconds = time.perf_counter() - started
            report.rows.append(Row(f"{len(template.resources)} resources, {run}", seconds, budget=SECONDS))
    report.rows.append(Row("memory", peak(), budget=MEGABYTES, unit="MB"))
    return finish(report, options)


def peak() -> float:
    """Read the peak memory of this process, in MB."""
    status = Path("/proc/self/status")
    if status.exists():  # getrusage would start from the process that started this one
        fields = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(fields["VmHWM"].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


if __name__ == "__main__":
    sys.exit(main())
