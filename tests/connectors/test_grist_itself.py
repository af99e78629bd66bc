"""A Grist that is no fake, where one is built: `GRIST_HOME` names the folder of grist-core.

Built as for use (`yarn install`, `buildtools/prepare_python.sh`, `tsc --build tsconfig-prod.json`), with
the `node` that it was built for on PATH. Nothing of it is changed: its data lie in a folder of the test.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import sqlite3
import subprocess
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from flows.network.place_files import read_place
from flows.settings import Settings
from flows.stages.collect import collect_place
from flows.stages.request import Request
from tests.connectors.conftest import PLACE
from tests.connectors.worlds import AS_OF, PARIS, TOKEN

SERVER = "_build/stubs/app/server/server.js"
OWNER, READER = "proprietaire@exemple.test", "lecteur@exemple.test"
DAY = datetime(2026, 10, 5, tzinfo=UTC)
SOURCE = """\
id = "registre"
feed = "attendance"
connector = "grist"
url = "{url}"
token = {{ env = "CANARY" }}
rhythm = "daily"
coverage = "window"
delivery = "snapshot"
[sources.options]
document = "{document}"
table = "Presences"
{options}
[sources.columns]
checked_in_at = "Arrivee"
checked_out_at = "Depart"
headcount = "Nombre"
space_code = "Lieu"
[sources.values.space_code]
"Halle" = "coworking"
"Bureau" = "salle"
[sources.constants]
evidence = "declared"
[sources.identity]
source_id = "Personne"
"""


@dataclass
class Peer:
    """A Grist of its own, its document, and who asks."""

    url: str
    home: Path
    document: str = ""

    def ask(self, path: str, body: Any, method: str = "POST") -> Any:
        headers = {"Authorization": f"Bearer {OWNER}"}
        answer = httpx.request(method, self.url + path, json=body, headers=headers, timeout=60)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def change(self, *actions: Any) -> Any:
        return self.ask(f"/api/docs/{self.document}/apply", list(actions))["retValues"]

    def give_key(self, email: str, key: str) -> None:
        """As its page of a profile does."""
        with sqlite3.connect(self.home) as database:
            database.execute(
                "UPDATE users SET api_key = ? WHERE id = (SELECT user_id FROM logins WHERE email = ?)",
                [key, email],
            )


@pytest.fixture(scope="module")
def peer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    built = os.environ.get("GRIST_HOME")
    if not built:
        warnings.warn("GRIST_HOME names no built Grist: NOT tested on it", stacklevel=2)
        pytest.skip("GRIST_HOME names no built Grist")
    folder = tmp_path_factory.mktemp("grist")
    (folder / "docs").mkdir()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(folder), "PORT": str(port),
        "NODE_PATH": "_build:_build/stubs:_build/ext", "GRIST_HOST": "127.0.0.1",
        "GRIST_DATA_DIR": str(folder / "docs"), "GRIST_INST_DIR": str(folder),
        "TYPEORM_DATABASE": str(folder / "home.sqlite3"), "GRIST_SANDBOX_FLAVOR": "unsandboxed",
        "GRIST_SINGLE_ORG": "docs", "GRIST_DEFAULT_EMAIL": OWNER, "GRIST_FORCE_LOGIN": "true",
        "GRIST_SESSION_SECRET": "x", "GRIST_TELEMETRY_LEVEL": "off", "GRIST_IN_SERVICE": "true",
        "GRIST_ALLOW_AUTOMATIC_VERSION_CHECKING": "false",
    }  # fmt: skip
    node = shutil.which("node")
    assert node, "Grist runs on node"
    # with another one its server waits for ever, and says nothing
    version = subprocess.check_output([node, "--version"], text=True).strip()
    wanted = (Path(built) / ".nvmrc").read_text().strip()
    assert version.split(".")[0] == wanted.split(".")[0], f"node {wanted} on PATH, not {version}"
    server = subprocess.Popen(
        [node, SERVER], cwd=built, env=environment,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        made = Peer(f"http://127.0.0.1:{port}", folder / "home.sqlite3")
        wait_for(made.url)
        made.give_key(OWNER, OWNER)
        yield made
    finally:
        server.terminate()
        server.wait()


def wait_for(url: str) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            # its home database is there when it knows who asks
            if httpx.get(f"{url}/status?db=1&redis=0").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.5)
    raise AssertionError("Grist does not answer")


def at(hour: float, day: int = 0) -> float:
    return DAY.timestamp() + day * 86_400 + hour * 3600


@pytest.fixture
def register(peer: Peer, monkeypatch: pytest.MonkeyPatch) -> Peer:
    """A document with a register of thirty, whose columns have every trap; read by who may read it."""
    workspace = peer.ask("/api/orgs/current/workspaces", None, "GET")[0]["id"]
    peer.document = peer.ask(f"/api/workspaces/{workspace}/docs", {"name": "Registre"})
    base = f"/api/docs/{peer.document}"

    def column(name: str, kind: str, formula: str = "") -> Any:
        return {
            "id": name,
            "fields": {"type": kind, "isFormula": bool(formula), "formula": formula},
        }

    peer.ask(f"{base}/tables", {"tables": [
        {"id": "Lieux", "columns": [column("Nom", "Text")]},
        {"id": "Personnes", "columns": [column("Nom", "Text")]},
        {"id": "Presences", "columns": [
            column("Arrivee", "DateTime:Europe/Paris"), column("Minutes", "Int"),
            column("Depart", "Any", "$Arrivee + datetime.timedelta(minutes=60 / (4 - $Minutes))"),
            column("Nombre", "Int"), column("Lieu", "Ref:Lieux"), column("Personne", "Ref:Personnes"),
            column("Jour", "Date"),
        ]},
    ]})  # fmt: skip
    for table, words in (("Lieux", ("Halle", "Bureau")), ("Personnes", ("Une Personne",))):
        told = [{"fields": {"Nom": word}} for word in words]
        peer.ask(f"{base}/tables/{table}/records", {"records": told})
    known = {}
    for table in ("Lieux", "Presences"):
        told = peer.ask(f"{base}/tables/{table}/columns", None, "GET")["columns"]
        known |= {f"{table}.{c['id']}": c["fields"]["colRef"] for c in told}
    lieu = known["Presences.Lieu"]
    peer.change(["UpdateRecord", "_grist_Tables_column", lieu, {"visibleCol": known["Lieux.Nom"]}])
    peer.change(["SetDisplayFormula", "Presences", None, lieu, "$Lieu.Nom"])
    rows = [
        {"Arrivee": at(7, number), "Nombre": 1, "Lieu": 1 + number % 2, "Jour": at(0, number)}
        for number in range(25)
    ]
    peer.ask(f"{base}/tables/Presences/records", {"records": [{"fields": row} for row in rows]})
    odd = [
        {"Arrivee": at(8), "Nombre": 1, "Personne": 1},
        {"Arrivee": at(9), "Nombre": 12, "Personne": 0},
        {"Arrivee": at(10), "Nombre": 1, "Minutes": 4},
        {"Arrivee": at(11)},
        {"Arrivee": at(12), "Nombre": 1, "Lieu": "Atelier"},
    ]
    for row in odd:  # one at a time: in a batch, what a row lacks is written as null
        peer.ask(f"{base}/tables/Presences/records", {"records": [{"fields": row}]})
    access = {"delta": {"users": {READER: "viewers"}}}
    peer.ask(f"{base}/access", access, "PATCH")
    peer.give_key(READER, TOKEN)
    monkeypatch.setenv("CANARY", TOKEN)
    return peer


@pytest.fixture
def night(register: Peer, tmp_path: Path) -> Callable[..., Any]:
    """One night of a place that asks it, and what its warehouse then holds."""
    settings = Settings(home=tmp_path / "home", places=tmp_path, keys=tmp_path / "keys")

    def run(number: int = 0, options: str = "", **request: Any) -> Any:
        toml = tmp_path / "le-lieu.toml"
        told = {"url": register.url, "document": register.document, "options": options}
        toml.write_text(PLACE + SOURCE.format(**told), encoding="utf-8")
        asked = Request(AS_OF + timedelta(days=number), **request)
        [report] = collect_place(read_place(toml), settings, asked)
        return report

    run.settings = settings  # type: ignore[attr-defined]
    return run


@pytest.mark.long
def test_a_register_of_a_grist_that_is_not_a_fake_is_read_as_people_see_it(
    night: Any, read: Any
) -> None:
    report = night()
    assert (report.failed, report.refused, report.received, report.loaded) == ([], [], 30, 28)
    reasons = "SELECT rule, header, record_id FROM ledger.quarantine ORDER BY record_id"
    assert read(night.settings, reasons) == [
        ("not_nullable", "Nombre", "29"),
        ("isin", "Lieu", "30"),
    ]
    assert read(night.settings, "SELECT header, cells FROM ledger.doubt") == [("Depart", 1)]
    told = "SELECT checked_in_at, checked_out_at, CAST(space_code AS VARCHAR), headcount, identity_kind"
    rows = read(
        night.settings, f"{told} FROM record.attendance ORDER BY CAST(record_id AS INTEGER)"
    )
    first = datetime(2026, 10, 5, 9, tzinfo=PARIS)
    assert rows[0] == (first, first + timedelta(minutes=15), "coworking", 1, None)
    assert [row[2:] for row in rows[25:27]] == [(None, 1, "source_id"), (None, 12, None)]
    assert night(1).loaded == 0


@pytest.mark.long
@pytest.mark.parametrize(
    ("options", "received"),
    [
        ('filter = { Lieu = ["Halle"] }', 13),
        ('filter = { Lieu = ["Halle"], Jour = ["2026-10-05", "2026-10-06"] }', 1),
        ("filter = { Lieu = [2] }", 12),
    ],
)
def test_a_filter_of_a_grist_that_is_not_a_fake_finds_words_and_days(
    night: Any, options: str, received: int
) -> None:
    assert night(options=options).received == received


@pytest.mark.long
@pytest.mark.parametrize("end", ["", ";", "; ", ";\n", " -- fin"])
def test_a_select_on_a_grist_that_is_not_a_fake_may_end_as_people_write_it(
    night: Any, end: str
) -> None:
    columns = "Presences.id, Arrivee, Nombre, Lieux.Nom AS Lieu, Personne, NULL AS Depart"
    tables = "Presences JOIN Lieux ON Lieux.id = Presences.Lieu"
    select = f'select = """SELECT {columns} FROM {tables}{end}"""'
    report = night(options=select)
    assert (report.failed, report.received, report.loaded) == ([], 25, 25)


@pytest.mark.long
def test_what_a_grist_that_is_not_a_fake_hides_is_asked_about_and_its_words_are_heard(
    register: Peer, night: Any, read: Any
) -> None:
    assert night().loaded == 28
    rule = {"aclFormula": "user.Access == VIEWER and rec.Nombre == 12", "permissionsText": "-R"}
    register.change(
        ["AddRecord", "_grist_ACLResources", -1, {"tableId": "Presences", "colIds": "*"}],
        ["AddRecord", "_grist_ACLRules", None, {"resource": -1, **rule}],
    )
    [refused] = night(1).refused
    assert "1 of the 28 records" in refused and "an access rule" in refused
    [(kept,)] = read(night.settings, "SELECT count(*) FROM record.attendance WHERE NOT deleted")
    assert kept == 28
    [failed] = night(2, options='select = "SELECT id FROM Presences"').failed
    assert "it answers 403: insufficient document access" in failed
    [failed] = night(3, options='filter = { Rien = ["a"] }').failed
    assert "a column 'Rien' that is not there" in failed
    register.document = "aucun"
    assert "it answers 404: document not found" in json.dumps(night(4).failed)


@pytest.mark.long
def test_a_cell_that_a_grist_that_is_not_a_fake_hides_refuses_its_row(
    register: Peer, night: Any, read: Any
) -> None:
    rule = {"aclFormula": "user.Access == VIEWER and rec.id == 1", "permissionsText": "-R"}
    register.change(
        ["AddRecord", "_grist_ACLResources", -1, {"tableId": "Presences", "colIds": "Nombre"}],
        ["AddRecord", "_grist_ACLRules", None, {"resource": -1, **rule}],
    )
    assert night().loaded == 27
    reasons = "SELECT rule, header, record_id FROM ledger.quarantine WHERE record_id = '1'"
    assert read(night.settings, reasons) == [("hidden_cell", "Nombre", "1")]
