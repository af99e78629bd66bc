"""Runs the dbt project by dbt's own function; by the Python that has dbt, and nothing of ours."""

import json
import resource
import sys
from pathlib import Path

from dbt.cli.main import dbtRunner


def cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main(folder: str) -> None:
    imports = cpu_seconds()
    project = str(Path(__file__).parent / "dbt")
    done = dbtRunner().invoke([
        "run", "--quiet", "--project-dir", project, "--profiles-dir", project,
        "--target-path", f"{folder}/target", "--log-path", f"{folder}/logs",
    ])  # fmt: skip
    if not done.success:
        raise SystemExit(str(done.exception))
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    [peak] = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")]
    told = {"imports": imports, "cpu": cpu_seconds() - imports, "peak": int(peak) / 1024}
    print(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
