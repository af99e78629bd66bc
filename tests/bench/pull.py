"""How much a whole pull takes beside asking alone.

A: everything that a night does with one system: ask, land, parse, pseudonyms, contract, load. B:
httpx alone, which asks for the same pages and writes each to the disk. The system answers with
100,000 reservations in the form of the tests' Fab-manager, in a process of its own on loopback. It
makes its pages before it is asked, so that only what asks is measured: the tests' Fab-manager looks
through all that it holds for each page, which took longer than the whole pull.

A B A B …, every run in a process of its own. Seconds are those of the processor in that process,
from the first question to the end of the work, without the start of Python.
"""

import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.bench.measure import Cost, Row, counted, cpu_seconds, row, tell, work

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


def pages() -> list[bytes]:
    """What the system answers to page 1, 2, 3 …: the latest reservations first."""
    from fastapi.responses import JSONResponse

    from flows.connectors.fab_manager import PER_PAGE
    from tests.fakes.fab_manager import FabManager

    fab = FabManager(TOKEN)
    for number in range(1, RECORDS + 1):
        begins = AS_OF - timedelta(minutes=30 * number)
        fab.reserve(number, begins, begins + timedelta(minutes=20))
    latest_first = [*fab.reservations.values()]
    return [
        JSONResponse({"reservations": latest_first[at : at + PER_PAGE]}).body
        for at in range(0, RECORDS, PER_PAGE)
    ]


def serve() -> None:
    """Print the address, and answer until standard input ends."""
    from fastapi.responses import Response
    from starlette.requests import Request

    from tests.fakes.server import serving

    made = pages()

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        page = int(Request(scope).query_params["page"])
        whole = Response(made[page - 1], 200, {"Total": str(RECORDS)}, "application/json")
        await whole(scope, receive, send)

    with serving(answer) as url:
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


def rows(_folder: Path, _visits: int, rounds: int) -> list[Row]:
    taken: dict[str, list[Cost]] = {what: [] for what in PULLS}
    with subprocess.Popen(
        [sys.executable, "-m", "tests.bench.pull", "serve"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as system:  # fmt: skip
        assert system.stdin and system.stdout
        url = system.stdout.readline().strip()
        for _number in range(rounds):
            for what, costs in taken.items():
                costs.append(work("pull", what, url))
        system.stdin.close()
    name = f"a pull of {RECORDS:,} records: asked, judged, loaded"
    return [row(name, "httpx alone", taken["whole path"], taken["httpx alone"])]


def main(what: str, *url: str) -> None:
    if what == "serve":
        return serve()
    with tempfile.TemporaryDirectory() as name:
        pull = PULLS[what](*url, Path(name))
        imports, costs = cpu_seconds(), dict[str, float]()
        with counted(costs, "cpu"):
            count = pull()
    if count != RECORDS:
        raise SystemExit(f"{what}: {count} records")
    tell(imports, costs)


if __name__ == "__main__":
    main(*sys.argv[1:])
