"""A payroll declaration never lies in the home of a network: every way in refuses it, in words."""

from __future__ import annotations

import gzip
import io
import os
import time
import zipfile
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from flows.cli import main
from flows.door.app import make_app
from flows.door.folder import Sizes, take_all
from flows.door.secrets import made_from, make_secret
from flows.errors import BatchRefused
from flows.network.place_files import read_place
from flows.operation.alerts import read_alerts
from flows.payroll import refuse_payroll
from flows.settings import Settings
from tests.connectors.test_remote_files import TOML, WORD, webdav
from tests.payroll.dsn_text import Contract, Person, declared, envelope, nir

DSN = envelope(declared("2026-01", [Person(1, [Contract("2020-09-01")])])).encode("latin-1")
WORDS = ("payroll declaration (DSN)", "python dsn.py FILE", "docs/fr/dsn.md")
PLACE = """
id = "le-lieu"
name = "Le Lieu"
commune_code = "80021"
opened_on = 2025-01-01

[[sources]]
id = "emplois"
feed = "employment"
connector = "file"
template = "emplois"
path = "../exports/*"
rhythm = "monthly"
coverage = "days"
"""


def zipped(*names_and_contents: str | bytes) -> bytes:
    target = io.BytesIO()
    parts = iter(names_and_contents)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in zip(parts, parts, strict=True):
            archive.writestr(str(name), content)
    return target.getvalue()


@pytest.fixture
def network(settings: Settings) -> Settings:
    settings.places.mkdir()
    (settings.places.parent / "exports").mkdir()
    (settings.places / "le-lieu.toml").write_text(PLACE, encoding="utf-8")
    make_secret(settings, "le-lieu")
    return settings


def is_kept(home: Path) -> bool:
    """Is there a number of a person anywhere in the home?"""
    files = [file for file in home.rglob("*") if file.is_file()]
    return any(nir(1).encode() in file.read_bytes() for file in files)


@pytest.mark.parametrize(
    "content",
    [
        DSN, DSN.replace(b"\r\n", b"\n"), b"\xef\xbb\xbf" + DSN, b"\r\n\r\n" + DSN,
        b"S05.G51.00.001,'V01R02'\r\n" + DSN, DSN[len(DSN) // 2 :], DSN[:60],
        gzip.compress(DSN), zipped("01.dsn", DSN), zipped("dossier/01.txt", DSN * 50),
        zipped("paie/", b"", "paie/a.txt", b"a", "paie/01.dsn", DSN), DSN.decode("latin-1").encode("utf-16"),
        b"\n".join(b'"%s"' % line for line in DSN.splitlines()), DSN.replace(b",'", b";'"),
    ],
    ids=["whole", "unix", "bom", "blank", "batch", "its end", "its start", "gz", "zip", "long zip",
         "zip of a folder", "utf-16", "quoted", "semicolons"],
)  # fmt: skip
def test_a_dsn_is_known_by_what_it_says_whatever_its_name(content: bytes) -> None:
    with pytest.raises(BatchRefused) as refused:
        refuse_payroll(content[:4096], "registre.csv")
    assert all(word in str(refused.value) for word in WORDS)
    assert nir(1) not in str(refused.value)


@pytest.mark.parametrize(
    "content",
    [b"", b"N\xc2\xb0;Arriv\xc3\xa9e\n1;2\n", b"code;S21.G00.40.007,'01'\n", b"PK\x03\x04", b"\x1f\x8b",
     zipped("a.csv", b"a;b\n1;2\n"), b"S21.G00.40.007;01\n"],
)  # fmt: skip
def test_other_files_pass(content: bytes) -> None:
    refuse_payroll(content, "registre.csv")


@pytest.mark.parametrize("blocks", [1, 7, 5000])
def test_the_door_refuses_it_before_a_byte_is_kept(network: Settings, blocks: int) -> None:
    client = TestClient(make_app(network))
    headers = {"Authorization": f"Bearer {made_from(network, 'le-lieu', 'deliveries')}"}
    parts = (DSN[n : n + blocks] for n in range(0, len(DSN), blocks))
    answer = client.put("/deliveries/le-lieu/employment/m.csv", content=parts, headers=headers)
    assert answer.status_code == 422
    assert all(word in answer.json()["detail"] for word in WORDS)
    assert not list(network.landing.rglob("*")) and not is_kept(network.home)
    fine = client.put("/deliveries/le-lieu/employment/m.csv", content=b"a;b\n", headers=headers)
    assert fine.status_code == 202


def test_the_watched_folder_lands_the_others_and_says_where_it_lies(network, caplog) -> None:
    watched = network.home / "inbox" / "le-lieu" / "emplois"
    watched.mkdir(parents=True)
    for name, content in (("a.csv", DSN), ("b.csv", b"a;b\n")):
        (watched / name).write_bytes(content)
        (watched / f"{name}.ok").touch()
    door = TestClient(make_app(network)).app.state.door  # type: ignore[attr-defined]
    for _ in range(2):
        take_all(door, Sizes())
    assert (watched / "a.csv").exists() and not (watched / "b.csv").exists()
    assert not is_kept(network.landing)
    assert "le-lieu, emplois: * n° 1 in order of name: this is a payroll declaration" in caplog.text
    [alert] = read_alerts(network)
    assert alert.kind == "refused" and all(word in alert.text for word in WORDS)


def test_a_run_refuses_it_and_loads_the_others(network: Settings, collect) -> None:
    exports = network.places.parent / "exports"
    (exports / "a.dsn").write_bytes(DSN)
    (exports / "b.jsonl").write_text("{}")
    place = read_place(network.places / "le-lieu.toml")
    [report] = collect(place, network)
    assert report.refused[0].startswith("* n° 1 in order of name: this is a payroll")
    assert any("* n° " in fault for fault in report.refused[1:])
    assert not is_kept(network.home)


def test_a_folder_elsewhere_is_not_copied_from(tmp_path, settings, collect, monkeypatch) -> None:
    monkeypatch.setenv("CANARY", WORD)
    (tmp_path / "drop").mkdir()
    file = tmp_path / "drop" / "registre-1.csv"
    file.write_bytes(DSN)
    os.utime(file, (time.time() - 600,) * 2)
    with webdav(tmp_path / "drop") as (url, options):
        head = PLACE.partition("[[sources]]")[0]
        toml = f"{head}[[sources]]" + TOML.format(url=url, path="registre-*.csv", options=options)
        (tmp_path / "lieu.toml").write_text(toml, encoding="utf-8")
        [report] = collect(read_place(tmp_path / "lieu.toml"), settings)
    assert "registre-1.csv: this is a payroll declaration" in report.refused[0]
    assert not is_kept(settings.home)


def test_new_place_and_check_source_refuse_it(tmp_path, monkeypatch, capsys) -> None:
    for name in ("IMPACT_HOME", "IMPACT_PLACES", "IMPACT_KEYS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    assert main(["init", "reseau"]) == 0
    monkeypatch.chdir(tmp_path / "reseau")
    Path("exports/paie.dsn").write_bytes(DSN)
    assert main(["new-place", "--from", "exports/paie.dsn"]) == 3
    said = capsys.readouterr().err
    assert all(word in said for word in WORDS)
    assert not list(Path("places").iterdir())
    Path("places/le-lieu.toml").write_text(PLACE, encoding="utf-8")
    assert main(["check-source", "le-lieu", "emplois"]) == 3
    assert "this is a payroll declaration" in capsys.readouterr().out
    assert not is_kept(tmp_path / "reseau" / "home")
