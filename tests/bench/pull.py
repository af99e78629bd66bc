"""How much a whole pull takes beside asking alone: `make bench`.

A: everything that a night does with one system: ask, land, parse, pseudonyms, contract, load. B:
httpx alone, which asks for the same pages and writes each to the disk. The system is the Fab-manager
of the tests with 100,000 reservations, in a process of its own on loopback. First it makes each page
when it is asked for, as a system does, once for A and once for B. Then it repeats pages that it has
made, as no system can: A B A B A B. Every run has a process of its own; the seconds are those on
the clock from the first question to the end of the work, without the start of Python.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

SERVED = {"made": 1, "repeated": 3}
"""What the system does with a page, and in how many rounds."""
RECORDS = 100_000
AS_OF = datetime(2026, 11, 2, tzinfo=UTC)
TOKEN = "jeton-du-banc"
PLACE = """\
id = "banc"
name = "Banc d'essai"
commune_code = "80021"

[[sources]]
id = "fablab"
feed = "attendance"
connector = "fab_manager"
url = "{url}"
token = {{ file = "jeton" }}
rhythm = "daily"
coverage = "window"
"""


class Keeping:
    """An application that makes each of its answers once."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.kept: dict[bytes, list[Any]] = {}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        answer = self.kept.setdefault(scope["query_string"], [])
        if not answer:

            async def keep(message: Any) -> None:
                answer.append(message)

            await self.app(scope, receive, keep)
        for message in answer:
            await send(message)


def serve(how: str) -> None:
    """Print the address, and answer until standard input ends."""
    from tests.fakes.fab_manager import FabManager
    from tests.fakes.server import serving

    fab = FabManager(TOKEN)
    for number in range(1, RECORDS + 1):
        begins = AS_OF - timedelta(minutes=30 * number)
        fab.reserve(number, begins, begins + timedelta(minutes=20))
    with serving(Keeping(fab.app) if how == "repeated" else fab.app) as url:
        print(url, flush=True)
        sys.stdin.read()


def httpx_alone(url: str, folder: Path) -> Callable[[], int]:
    """Returns the pull, which gives the number of records that were told."""
    import httpx

    from flows.connectors.fab_manager import PER_PAGE

    def pull() -> int:
        address, page, total = f"{url}/open_api/v1/reservations", 0, 1
        with httpx.Client(headers={"Authorization": f"Token token={TOKEN}"}) as client:
            while page * PER_PAGE < total:
                page += 1
                answer = client.get(address, params={"per_page": PER_PAGE, "page": page})
                total = int(answer.raise_for_status().headers["total"])
                (folder / f"{page}.json").write_bytes(answer.content)
        return total

    return pull


def whole_path(url: str, folder: Path) -> Callable[[], int]:
    """Returns the pull, which gives the number of records that were loaded."""
    from flows.network.place_files import read_place
    from flows.settings import Settings
    from flows.stages.collect import collect_place
    from flows.stages.request import Request

    (folder / "jeton").write_text(TOKEN)
    (folder / "banc.toml").write_text(PLACE.format(url=url))
    place = read_place(folder / "banc.toml")
    settings = Settings(home=folder / "home", places=folder, keys=folder / "keys")

    def pull() -> int:
        [report] = collect_place(place, settings, Request(AS_OF))
        if report.failed or report.refused:
            raise SystemExit(str(report))
        return report.loaded

    return pull


PULLS = {"whole path": whole_path, "httpx alone": httpx_alone}


def measure(what: str, url: str) -> float:
    """Seconds of one pull in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.pull", what, url]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return float(done.stdout)


def main(arguments: list[str]) -> None:
    if arguments[:1] == ["serve"]:
        return serve(arguments[1])
    if arguments:
        what, url = arguments
        with tempfile.TemporaryDirectory() as name:
            pull = PULLS[what](url, Path(name))
            begun = time.perf_counter()
            count = pull()
            print(time.perf_counter() - begun)
        if count != RECORDS:
            raise SystemExit(f"{what}: {count} records")
        return
    print(f"{RECORDS:,} records over the network")
    for how, rounds in SERVED.items():
        compare(how, rounds)


def compare(how: str, rounds: int) -> None:
    """Print what both pulls take, in turn, and the ratio of their medians."""
    command = [sys.executable, "-m", "tests.bench.pull", "serve", how]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as fake:
        assert fake.stdin and fake.stdout
        url = fake.stdout.readline().strip()
        if how == "repeated":
            measure("httpx alone", url)
        taken: dict[str, list[float]] = {what: [] for what in PULLS}
        for number in range(rounds):
            for what in taken:
                taken[what].append(measure(what, url))
                print(f"  {how} {number + 1} {what:<11} {taken[what][-1]:6.2f} s", flush=True)
        fake.stdin.close()
    medians = {what: statistics.median(seconds) for what, seconds in taken.items()}
    ratio = medians["whole path"] / medians["httpx alone"]
    print(f"  pages {how}: whole path ÷ httpx alone: {ratio:.2f} × the time", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
