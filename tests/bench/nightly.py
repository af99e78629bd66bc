"""What a night costs in which nothing came: `make bench`, or `python -m tests.bench.nightly 30`.

Three hundred places, each with the sources of an invented one, are loaded once. Then the service
runs its deployment `nightly` twice. The first is the night after: nothing is loaded, but the day is
another, so every figure is computed, checked and published. The second finds that all is done. It
counts the run as Prefect does, from its start to its end, with the hashing of every export.
"""

import re
import subprocess
import sys
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from flows.reference import communes
from flows.samples import write_network
from flows.settings import TIME_ZONE
from tests.served.service import Served

PLACES, TEMPLATES = 300, 24
TARGET_SECONDS = 60
LOAD_SECONDS = 3600


def declare(folder: Path, count: int) -> None:
    """Places over the communes of the country, which share the exports of those that are invented."""
    write_network(folder, TEMPLATES)
    files = sorted((folder / "places").glob("*.toml"))
    texts = [file.read_text(encoding="utf-8") for file in files]
    for file in files:
        file.unlink()
    table = communes().filter(communes()["type"] == "commune")
    codes = table["commune_code"].gather_every(len(table) // count).to_list()
    for number in range(count):
        text = texts[number % len(texts)]
        text = re.sub(r'(?m)^id = "demo-\d+"', f'id = "lieu-{number + 1:03}"', text, count=1)
        text = re.sub(r'(?m)^commune_code = ".*"', f'commune_code = "{codes[number]}"', text)
        text = re.sub(r"(?m)^epci_code = .*\n", "", text)
        (folder / "places" / f"lieu-{number + 1:03}.toml").write_text(text, encoding="utf-8")


def load(served: Served) -> None:
    """The night before, by the command; raises SystemExit when something fails."""
    before = datetime.now(ZoneInfo(TIME_ZONE)) - timedelta(days=1)
    done = subprocess.run(
        served.command("run", "--as-of", before.isoformat()), env=served.environment(),
        cwd=served.folder, capture_output=True, text=True, timeout=LOAD_SECONDS, check=False,
    )  # fmt: skip
    if done.returncode not in (0, 3):  # some rows are spoilt on purpose
        raise SystemExit(done.stdout[-3000:] + done.stderr[-3000:])


def tasks(served: Served, run: dict[str, Any]) -> list[dict[str, Any]]:
    """Its task runs."""
    found: list[dict[str, Any]] = []
    wanted = {"flow_runs": {"id": {"any_": [run["id"]]}}}
    while page := served.ask("/task_runs/filter", offset=len(found), **wanted):
        found += page
    return found


def report(served: Served, what: str, run: dict[str, Any]) -> float:
    """Print the run and its tasks; its seconds."""
    ran = tasks(served, run)
    by_task: dict[str, list[float]] = {}
    for task in ran:
        name = "collect" if task["name"].startswith("collect") else task["name"]
        by_task.setdefault(name, []).append(task["total_run_time"])
    print(f"{what}: {run['total_run_time']:.1f} s, {len(ran)} tasks, {run['state_type']}: "
          f"{run['state']['message']}")  # fmt: skip
    for name, seconds in by_task.items():
        print(f"  {name:<40} {len(seconds):4} × {sum(seconds):8.1f} s")
    sys.stdout.flush()
    return float(run["total_run_time"])


def main(arguments: list[str]) -> None:
    count = int(arguments[0]) if arguments else PLACES
    with tempfile.TemporaryDirectory() as name:
        served = Served(Path(name))
        declare(served.folder, count)
        load(served)
        served.start()
        try:
            nights = [
                report(served, what, served.run("nightly"))
                for what in ("the night after", "the same night again")
            ]
        finally:
            served.stop()
    print(f"{count} places, nothing new: {max(nights):.1f} s (≤ {TARGET_SECONDS})")
    if max(nights) > TARGET_SECONDS:
        raise SystemExit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
