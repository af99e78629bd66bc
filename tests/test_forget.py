"""Whoever asks to be forgotten is: no byte of them is left, and no file brings them back."""

from __future__ import annotations

import io
import random
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import flows.stages.forget as forget_module
from flows.cli import main
from flows.errors import ConfigurationError
from flows.intake.forgotten import Person
from flows.intake.pseudonym import place_key, pseudonymiser_of
from flows.network.place_files import read_places
from flows.operation.backup import back_up, put_back
from flows.places import Place
from flows.settings import Settings
from flows.stages.build import build_warehouse
from flows.stages.forget import forget
from flows.warehouse.audit import audit_warehouse
from tests.conftest import AS_OF
from tests.publishing import processes

COLUMNS = {"record_id": "N°", "checked_in_at": "Arrivée"}
IDENTITY = {"email": "Mail"}
HEADER = "N°;Arrivée;Mail\n"
OTHERS = (
    "1;05/10/2026 10:00;cytise@exemple.test\n"
    "2;06/10/2026 10:00;digitale@exemple.test\n"
    "3;09/10/2026 10:00;cytise@exemple.test\n"
)
HERS = "4;07/10/2026 10:00;Aubepine@Exemple.test\n5;08/10/2026 10:00; aubepine@exemple.test\n"
AUBEPINE = Person(email="aubepine@exemple.test")


TOML = """
id = "le-lieu"
name = "Le Lieu"
commune_code = "80021"
[[sources]]
id = "registre"
feed = "attendance"
connector = "file"
path = "e.csv"
rhythm = "weekly"
coverage = "span"
columns = { record_id = "N°", checked_in_at = "Arrivée" }
identity = { email = "Mail" }
[[sources]]
id = "services"
feed = "service_usage"
connector = "file"
path = "s.csv"
rhythm = "weekly"
coverage = "span"
columns = { occurred_at = "Le", service_code = "Service" }
values.service_code = { numerique = "mediation_numerique" }
identity = { email = "Mail" }
"""


@dataclass
class Register:
    """A place with one file, which comes night after night."""

    folder: Path
    make_place: Callable[..., Place]
    collect: Any
    warehouse: Any
    source: dict[str, Any]

    @property
    def settings(self) -> Settings:
        return Settings(self.folder / "home", self.folder, self.folder / "keys")

    @property
    def place(self) -> Place:
        return self.make_place(self.folder, {}, path="e.csv", **self.source)

    def take(self, text: str, **request: Any) -> Any:
        (self.folder / "e.csv").write_text(text)
        [report] = self.collect(self.place, self.settings, **request)
        assert (report.failed, report.refused) == ([], [])
        (self.folder / "e.csv").unlink()
        return report

    def forget(self, person: Person = AUBEPINE) -> Any:
        return forget(self.place, self.settings, person, AS_OF)

    def live(self) -> list[str]:
        sql = "SELECT record_id FROM record.attendance WHERE NOT deleted ORDER BY 1"
        return [number for (number,) in self.read(sql)]

    def read(self, sql: str) -> list[tuple[Any, ...]]:
        return self.warehouse(self.settings, sql)

    def pseudonym(self, identity: str) -> str:
        key = place_key(self.settings.key_file("le-lieu"), "le-lieu", None)
        return pseudonymiser_of(self.place, self.settings, key)(identity)

    def figures(self) -> list[tuple[Any, ...]]:
        """All values and states, as a build of that day computes them."""
        build_warehouse([self.place], self.settings, AS_OF, force=True)
        stops = [v.promise.id for v in audit_warehouse(self.settings.warehouse) if v.stops_release]
        assert stops == []
        return self.read(
            "SELECT COLUMNS(c -> c NOT IN ('release_id')) FROM indicator.value ORDER BY ALL"
        )


def files(*folders: Path) -> Iterator[Path]:
    for folder in folders:
        yield from (file for file in folder.rglob("*") if file.is_file())


def holders(needles: list[str], *folders: Path) -> list[str]:
    """Files with one of these in their bytes or in their name, whatever its case."""
    return [
        str(file)
        for file in files(*folders)
        for needle in needles
        if needle.encode() in file.read_bytes().lower() or needle in str(file).lower()
    ]


@pytest.fixture
def register(tmp_path: Path, make_place, collect, read) -> Callable[..., Register]:
    def new(name: str = "network", **source: Any) -> Register:
        folder = tmp_path / name
        folder.mkdir()
        said = {"columns": COLUMNS, "identity": IDENTITY, **source}
        return Register(folder, make_place, collect, read, said)

    return new


def test_no_byte_is_left_of_who_asked_and_figures_are_those_of_a_place_where_they_never_came(
    register: Callable[..., Register], tmp_path: Path
) -> None:
    here = register()
    here.take(HEADER + OTHERS + HERS + "6;09/10/2026 25:00;aubepine@exemple.test\n")
    needles = ["aubepine", here.pseudonym("email|aubepine@exemple.test")]
    assert {Path(file).name for file in holders(needles, here.settings.home)} == {
        "payload.csv", "warehouse.duckdb",
    }  # fmt: skip
    gone = here.forget()
    assert (gone.records, gone.reasons, gone.batches, gone.others) == (2, 1, 1, 3)
    assert holders(needles, here.settings.home, here.settings.keys) == []
    back_up(here.settings, tmp_path / "after.tar")
    assert holders(needles, tmp_path) == []
    assert here.live() == ["1", "2", "3"]

    never = register("never")
    keys = here.settings.keys  # the same draws of rounding
    shutil.copytree(keys, never.settings.keys, ignore=shutil.ignore_patterns("*.forgotten"))
    never.take(HEADER + OTHERS)
    assert here.figures() == never.figures()
    [(outcome, reason)] = here.read(
        "SELECT outcome, reason FROM ledger.attempt WHERE starts_with(batch_id, 'forgotten/')"
    )
    assert (outcome, reason) == (
        "accepted",
        "le-lieu: somebody asked to be forgotten; erased: 2 records, 1 reasons of refusal, "
        "1 landed batches",
    )


def test_nothing_brings_them_back(register: Callable[..., Register], tmp_path: Path) -> None:
    """The file again, what landed, a later file, a backup of before: the list keeps them away."""
    here = register()
    here.take(HEADER + OTHERS + HERS)
    back_up(here.settings, tmp_path / "before.tar")
    here.forget()
    needles = ["aubepine", here.pseudonym("email|aubepine@exemple.test")]
    later = (
        HEADER + OTHERS + HERS + "7;10/10/2026 10:00;AUBEPINE@exemple.test\n8;10/10/2026 11:00;\n"
    )
    report = here.take(later)
    assert (report.loaded, report.quarantined) == (1, 0)
    here.take(HEADER + OTHERS + HERS)
    here.take(
        HEADER + "9;2026-10-11 10:00;aubepine@exemple.test;of too many cells\n", again="landed"
    )
    assert here.live() == ["1", "2", "3", "8"]
    assert holders(needles, here.settings.home) == []
    # a day on which only they came is proven all the same
    assert here.read("SELECT DISTINCT is_recorded FROM ledger.proof WHERE day = '2026-10-10'") == [
        (True,)
    ]

    here.settings.home.rename(tmp_path / "away")
    put_back(here.settings, tmp_path / "before.tar")
    assert "4" in here.live()
    here.take(HEADER + OTHERS)
    assert here.live() == ["1", "2", "3"]
    assert holders(needles, here.settings.home) == []


def test_a_forgetting_that_was_stopped_is_finished_by_the_next_run(
    register: Callable[..., Register], monkeypatch: pytest.MonkeyPatch
) -> None:
    here = register()
    here.take(HEADER + OTHERS + HERS)
    needles = ["aubepine", here.pseudonym("email|aubepine@exemple.test")]

    def killed(*_given: Any) -> None:
        raise KeyboardInterrupt

    for step in ("add_forgotten", "erase_people", "clear", "rewrite"):
        with monkeypatch.context() as stopped:
            stopped.setattr(forget_module, step, killed)
            with pytest.raises(KeyboardInterrupt):
                here.forget()
        assert here.settings.forgotten_file("le-lieu").exists() == (step != "add_forgotten")
    assert holders(needles, here.settings.home) != []
    here.take(HEADER + OTHERS)
    assert here.live() == ["1", "2", "3"]
    assert holders(needles, here.settings.home) == []
    assert here.read("SELECT count(*) FROM ledger.attempt WHERE batch_id LIKE 'forgotten/%'") == [
        (1,)
    ]
    assert not here.settings.forgetting("le-lieu").exists()


@pytest.mark.parametrize(
    "moments", [4, pytest.param(40, marks=pytest.mark.long)], ids=["few", "many"]
)
def test_a_forgetting_that_is_killed_at_any_moment_is_finished_or_had_not_begun(
    register: Callable[..., Register], tmp_path: Path, moments: int
) -> None:
    """With -9: the list beside the keys says which; the next run does the rest by itself."""
    before = register()
    before.take(HEADER + OTHERS + HERS)
    needles = ["aubepine", before.pseudonym("email|aubepine@exemple.test")]
    chance, duration, begun = random.Random(9), 0.0, []
    for number in range(moments + 1):
        here = replace(before, folder=tmp_path / f"copy-{number}")
        shutil.copytree(before.folder, here.folder)
        killed = processes.Process(target=forget, args=(here.place, here.settings, AUBEPINE, AS_OF))
        started = time.monotonic()
        killed.start()
        killed.join(chance.uniform(0, duration) if number else None)  # the first one is not killed
        killed.kill()
        killed.join()
        duration = duration or time.monotonic() - started
        begun.append(here.settings.forgotten_file("le-lieu").exists())
        if not begun[-1]:
            assert holders(needles, here.settings.home) == holders_in(before, here, needles)
            here.forget()
        here.take(HEADER + OTHERS)
        assert here.live() == ["1", "2", "3"]
        assert holders(needles, here.settings.home, here.settings.keys) == []
        assert not here.settings.forgetting("le-lieu").exists()
        shutil.rmtree(here.folder)
    assert begun[0]


def holders_in(before: Register, here: Register, needles: list[str]) -> list[str]:
    """What holds them in a home that was copied and not touched."""
    found = holders(needles, before.settings.home)
    return [file.replace(str(before.folder), str(here.folder)) for file in found]


def test_who_is_not_there_leaves_no_trace(register: Callable[..., Register]) -> None:
    here = register()
    here.take(HEADER + OTHERS)
    before = {file: file.stat().st_mtime_ns for file in files(here.settings.keys)}
    assert here.forget() is None
    assert {file: file.stat().st_mtime_ns for file in files(here.settings.keys)} == before
    assert here.read("SELECT count(*) FROM ledger.attempt") == [(1,)]
    with pytest.raises(ConfigurationError, match="nobody can be found by this"):
        here.forget(Person())


def test_a_name_finds_rows_that_are_known_by_an_address_and_leaves_those_of_others(
    register: Callable[..., Register],
) -> None:
    """Mother and child have one address; another address is of one person alone."""
    identity = {"email": "Mail", "last_name": "Nom", "first_name": "Prénom", "birth_date": "Né le"}
    here = register(identity=identity)
    here.take(
        "N°;Arrivée;Mail;Nom;Prénom;Né le\n"
        "1;05/10/2026 10:00;foyer@exemple.test;Bruyere;Anne;02/03/1980\n"
        "2;06/10/2026 10:00;foyer@exemple.test;Bruyere;Zoé;04/05/2012\n"
        "3;07/10/2026 10:00;zoe@exemple.test;BRUYERE;Zoe;04/05/2012\n"
        "4;08/10/2026 10:00;;Bruyère;Zoé;4/5/2012\n"
        "5;09/10/2026 10:00;;Bruyere;Anne;02/03/1980\n"
    )
    zoe = Person(last_name="bruyere", first_name="ZOÉ", birth_date="2012-05-04")
    assert here.forget(zoe).records == 3
    assert here.live() == ["1", "5"]
    # known by the address that was hers alone, without a name
    here.take(
        "N°;Arrivée;Mail;Nom;Prénom;Né le\n"
        "6;10/10/2026 10:00;zoe@exemple.test;;;\n7;10/10/2026 11:00;foyer@exemple.test;;;\n"
    )
    assert here.live() == ["1", "5", "7"]


def test_a_card_number_is_one_of_its_source_and_its_record_goes_without_a_trace(
    register: Callable[..., Register],
) -> None:
    """Where rows have no number of their own, it is made of what they say."""
    here = register(columns={"checked_in_at": "Arrivée"}, identity={"source_id": "Carte"})
    here.take(
        "Arrivée;Carte\n05/10/2026 10:00;A-4711\n06/10/2026 10:00;A-4712\n07/10/2026 25:00;A-4711\n"
    )
    gone = here.forget(Person(numbers={"registre": "a-4711"}))
    assert (gone.records, gone.tombstones, gone.reasons) == (1, 0, 1)
    [(key, deleted)] = here.read("SELECT person_key, deleted FROM record.attendance")
    assert (key, deleted) == (here.pseudonym("source_id|registre|a-4712"), False)
    assert here.figures()


def test_a_list_that_was_lost_stops_the_place_and_not_silently(
    register: Callable[..., Register],
) -> None:
    here = register()
    here.take(HEADER + OTHERS + HERS)
    here.forget()
    file = here.settings.forgotten_file("le-lieu")
    assert file.stat().st_mode & 0o777 == 0o600
    kept = file.read_bytes()
    for content in (b"", b'{"key": "00", "people": {}}', None):
        file.write_bytes(content) if content is not None else file.unlink()
        (here.folder / "e.csv").write_text(HEADER + OTHERS + HERS)
        [report] = here.collect(here.place, here.settings)
        assert "the list of those who asked to be forgotten is" in report.failed[0]
    file.write_bytes(kept)
    here.take(HEADER + OTHERS + HERS)
    assert here.live() == ["1", "2", "3"]


def test_the_command_asks_a_line_for_each_identity_and_repeats_none(
    register: Callable[..., Register],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    here = register()
    toml = (
        'id = "le-lieu"\nname = "Le Lieu"\ncommune_code = "80021"\n[[sources]]\nid = "registre"\n'
    )
    toml += 'feed = "attendance"\nconnector = "file"\npath = "e.csv"\nrhythm = "weekly"\n'
    toml += 'coverage = "span"\ncolumns = { record_id = "N°", checked_in_at = "Arrivée" }\n'
    toml += 'identity = { email = "Mail", last_name = "Nom", birth_date = "Né" }\n'
    (here.folder / "le-lieu.toml").write_text(toml)
    here.take(HEADER + OTHERS)
    for name, folder in (("HOME", "home"), ("KEYS", "keys"), ("PLACES", "")):
        monkeypatch.setenv(f"IMPACT_{name}", str(here.folder / folder))
    for typed, code, said in (
        ("aubepine@exemple.test\n\n\n\n", 0, "Nobody is known by this at le-lieu"),
        ("\naubepine\nanne\n12/13/1984\n", 2, "this is no birth date"),
        ("\naubepine\nanne\n\n", 2, "nobody can be found by this"),
    ):
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        assert main(["forget", "--place", "le-lieu"]) == code
        shown = "".join(capfd.readouterr())
        assert said in shown
        assert not any(part in shown for part in typed.split("\n") if part)


def test_who_asks_gets_their_rows_of_all_feeds_and_nobody_elses(
    register: Callable[..., Register],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    here = register()
    (here.folder / "le-lieu.toml").write_text(TOML)
    uses = "Le;Service;Mail\n06/10/2026;numerique;aubepine@exemple.test\n"
    (here.folder / "s.csv").write_text(uses + "07/10/2026;numerique;cytise@exemple.test\n")
    (here.folder / "e.csv").write_text(HEADER + OTHERS + HERS)
    place = read_places(here.folder)["le-lieu"]
    assert [(r.failed, r.refused, r.quarantined) for r in here.collect(place, here.settings)] == [
        ([], [], 0), ([], [], 0),
    ]  # fmt: skip
    for name, folder in (("HOME", "home"), ("KEYS", "keys"), ("PLACES", "")):
        monkeypatch.setenv(f"IMPACT_{name}", str(here.folder / folder))
    file = here.folder / "pour-elle.xlsx"
    monkeypatch.setattr("sys.stdin", io.StringIO("aubepine@exemple.test\n"))
    assert main(["export-person", "--place", "le-lieu", str(file)]) == 0
    assert "3 records of this person are in" in capfd.readouterr().out
    assert file.stat().st_mode & 0o777 == 0o600
    sheets = pl.read_excel(file, sheet_id=0)
    assert [*sheets] == ["À lire", "Présences", "Usages de services", "Fichiers reçus"]
    came = sheets["Présences"]
    assert [*map(str, came["Identifiant de l'enregistrement"])] == ["4", "5"]
    assert {*came["Livraison"]} == {"e.csv"} and came["Reçue le"].null_count() == 0
    assert [*came["Arrivée"]] == ["07/10/2026 10:00", "08/10/2026 10:00"]
    assert len(sheets["Usages de services"]) == 1
    assert {*sheets["Fichiers reçus"]["Livraison"]} == {"e.csv", "s.csv"}
    said = "".join(str(sheet.rows()) for sheet in sheets.values())
    assert here.pseudonym("email|aubepine@exemple.test") not in said

    monkeypatch.setattr("sys.stdin", io.StringIO("mimosa@exemple.test\n"))
    assert main(["export-person", "--place", "le-lieu", str(here.folder / "autre.xlsx")]) == 0
    assert "Nobody is known by this" in capfd.readouterr().out
    assert not (here.folder / "autre.xlsx").exists()
