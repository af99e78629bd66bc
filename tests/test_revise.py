"""What was published and is wrong stands no longer, in a release of its own that says why."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import polars as pl
import pytest

from flows.cli.command import main
from flows.errors import ImpactError
from flows.publication.gate.edge import close_gate
from flows.publication.once import draw_figures, let_stand
from flows.publication.redraw import others
from flows.publication.release import current_id, drawing, make_current
from flows.publication.revision import Chosen
from flows.publication.workbook import workbook
from flows.settings import Settings
from flows.stages.build import build_warehouse, note_outcome
from flows.stages.collect import collect_place
from flows.stages.publish import publish_release, refuse_unrevised
from flows.stages.request import Request
from flows.stages.revise import revise, withdraw
from flows.stages.site import make_site_of
from flows.warehouse.database import open_warehouse
from flows.warehouse.examples import differences, prepared
from flows.warehouse.models import Example, read_indicators, read_values
from tests.test_gate import SETTINGS, cell, release
from tests.test_moved import History, ask, copied_sql, register

STANDING = (
    "SELECT periode, affichage, diffusion, motif, revision, CAST(publiee_le AS VARCHAR) FROM valeurs "
    "WHERE indicateur_id = 'visits' AND niveau = 'lieu' AND publiee_le IS NOT NULL "
    "AND ventilation = 'ensemble' AND granularite = 'mois' ORDER BY periode"
)
REVISED = (
    "SELECT periode, nature, avant, apres, raison, CAST(revisee_le AS VARCHAR), forcee, revision "
    "FROM revisions WHERE niveau = 'lieu' AND indicateur_id = 'visits' ORDER BY ALL"
)
WHY = "Deux registres ont été comptés deux fois."


def at(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T09:00").replace(tzinfo=ZoneInfo("Europe/Paris"))


@pytest.fixture(scope="module")
def published(tmp_path_factory, make_place) -> History:
    """August and September were published on 20 November: 25 visits each."""
    folder = tmp_path_factory.mktemp("published")
    settings = Settings(home=folder / "home", places=folder / "places", keys=folder / "keys")
    settings = replace(settings, sql=copied_sql(folder / "network" / "sql"))
    history = History(settings, folder, make_place)
    history.night("2026-11-20", d2026_08_03=25, d2026_09_07=25)
    return history


@pytest.fixture
def history(published: History, tmp_path: Path) -> History:
    """The same in a home of its own."""
    home = tmp_path / "home"
    shutil.copytree(published.settings.home, home, symlinks=True)
    return replace(published, settings=replace(published.settings, home=home), folder=tmp_path)


def test_a_value_that_is_wrong_is_withdrawn_and_every_reader_is_told_why(
    history: History, tmp_path: Path
) -> None:
    """In a release of its own, which nothing brings back; pages and workbook show the sign."""
    settings, before = history.settings, current_id(history.settings)
    assert {period: cells for period, *cells in ask(settings.current_release, STANDING)} == {
        "2026-08": ["25", "arrondi", None, 0, "2026-11-20"],
        "2026-09": ["25", "arrondi", None, 0, "2026-11-20"],
    }
    done = withdraw(
        settings, Chosen(periods=("2026-08",), indicators=("visits",)), WHY, at("2026-11-23")
    )
    assert current_id(settings) == done.release_id != before
    assert done.release_id.startswith("2026-11-23-")
    assert done.beside.rows() == [("visits", "le-lieu", "2026-T3")]
    withdrawn = ("2026-08", None, "retiree", f"Retiré après sa parution : {WHY}", 1, "2026-11-23")
    stands = ("2026-09", "25", "arrondi", None, 0, "2026-11-20")
    assert ask(settings.current_release, STANDING) == [withdrawn, stands]
    revised = [("2026-08", "retrait", "25", None, WHY, "2026-11-23", False, 1)]
    assert ask(settings.current_release, REVISED) == revised
    assert history.told()["2026-08"] == ("modifie", "25", "ok", WHY)

    pages = make_site_of(settings, tmp_path / "pages")[0]
    place = (pages / "lieux" / "le-lieu.html").read_text("utf-8")
    assert "retiré" in place and WHY in (pages / "changements.html").read_text("utf-8")
    with duckdb.connect(str(settings.current_release.resolve()), read_only=True) as release:
        sheets = zipfile.ZipFile(io.BytesIO(workbook(release)))
    assert "<t>retirée</t>" in sheets.read("xl/sharedStrings.xml").decode()

    history.night("2026-11-24", d2026_08_03=60, d2026_09_07=25)
    assert current_id(settings) != done.release_id
    assert ask(settings.current_release, STANDING) == [withdrawn, stands]
    assert ask(settings.current_release, REVISED) == revised


def test_what_cannot_be_withdrawn_is_refused_in_words_and_the_release_stands(
    history: History, monkeypatch, capsys
) -> None:
    for name in ("home", "places", "keys"):
        monkeypatch.setenv(f"IMPACT_{name.upper()}", str(getattr(history.settings, name)))
    before = current_id(history.settings)

    def said(*given: str) -> str:
        assert main(["revise", "--withdraw", *given]) == 2
        return capsys.readouterr().err

    assert "nothing is chosen" in said("--reason", WHY)
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("IMPACT_HOME", str(history.folder / "nothing"))
        assert "there is no release yet → run `impact run`" in said("--reason", WHY, "--place", "a")
    unknown = said("--reason", WHY, "--place", "le-lieu", "--period", "2026-07")
    assert "2026-07: nothing was published of it → known are: 2026-08, 2026-09" in unknown
    assert "a reason has 5 to 300 characters" in said("--reason", " x ", "--period", "2026-08")
    assert current_id(history.settings) == before

    chosen = ("--reason", WHY, "--place", "le-lieu", "--period", "2026-08")
    assert main(["revise", "--withdraw", *chosen]) == 0
    told = capsys.readouterr().out
    assert "is withdrawn in release" in told and "visits le-lieu 2026-08" in told
    assert "withdraw them too where they are wrong:\n  visits le-lieu 2026-T3" in told
    assert "or it is withdrawn already" in said(*chosen)


def test_a_value_is_withdrawn_though_the_last_figures_broke_a_promise(history: History) -> None:
    """Of those figures nothing is published; what was cut off before its check is to run again."""
    settings = history.settings
    with open_warehouse(settings) as warehouse:
        # nothing of September was published, and its turn has come
        warehouse.execute("DELETE FROM ledger.published_value WHERE periode <> '2026-08'")
        warehouse.execute(
            "INSERT INTO ledger.promise SELECT publication_id, 'x', 'x', 'x', 'critical', FALSE, 1 "
            "FROM registry.publication"
        )
        warehouse.execute("UPDATE ledger.build SET outcome = 'built'")
    seen = settings.current_release.resolve()
    with duckdb.connect(str(seen)) as shown:
        shown.execute("DELETE FROM valeurs WHERE periode <> '2026-08'")
    make_current(settings, seen.parent.rename(settings.published / "release-before") / seen.name)
    with pytest.raises(ImpactError, match=r"cut off before .* → run `impact run`"):
        withdraw(settings, Chosen(periods=("2026-08",)), WHY, at("2026-11-23"))
    with open_warehouse(settings) as warehouse:
        warehouse.execute("UPDATE ledger.build SET outcome = 'refused'")
    withdraw(settings, Chosen(periods=("2026-08",)), WHY, at("2026-11-23"))
    rows = ask(
        settings.current_release,
        "SELECT DISTINCT periode, diffusion FROM valeurs "
        "WHERE niveau = 'lieu' AND indicateur_id = 'visits' AND periode IN ('2026-08', '2026-09') ORDER BY ALL",
    )
    assert rows == [("2026-08", "retiree"), ("2026-09", "a_venir")]


def test_a_late_list_of_ten_people_is_drawn_anew_and_nine_are_not(history: History) -> None:
    """What lies within its bounds stays; `revisions` says what, by how much and why."""
    settings, chosen = history.settings, Chosen(periods=("2026-08",))
    assert revise(settings, chosen, WHY, at("2026-11-24")).release_id == ""

    history.night("2026-11-24", d2026_08_03=25, d2026_08_04=9, d2026_09_07=25)
    before = current_id(settings)
    with pytest.raises(ImpactError, match=r"in each fewer than 10 people changed .* --withdraw"):
        revise(settings, chosen, WHY, at("2026-11-24"))
    assert current_id(settings) == before

    history.night("2026-11-25", d2026_08_03=25, d2026_08_04=12, d2026_09_07=28)
    before = ask(settings.current_release, STANDING)
    settings.uncounted.touch()
    with pytest.raises(ImpactError, match=r"do not count all records.* → run `impact run`"):
        revise(settings, chosen, WHY, at("2026-11-26"))
    settings.uncounted.unlink()
    done = revise(settings, Chosen(("le-lieu",)), WHY, at("2026-11-26"))
    assert done.tables.rows() == [
        ("visits", "le-lieu", "2026-08"),
        ("visits", "le-lieu", "2026-T3"),
    ]
    [august, september] = ask(settings.current_release, STANDING)
    assert september == before[1], "28 lie within the bounds of 25"
    assert august[1] in ("35", "40") and august[2:] == ("arrondi", None, 1, "2026-11-26")
    other = shutil.copy(settings.current_release, history.folder / "other.duckdb")
    with pytest.raises(ImpactError, match="would say too much: the old ones stand"):
        refuse_unrevised(Path(other), "one of which the gate left all out")
    assert not Path(other).exists() and settings.current_release.exists()
    [told, quarter] = ask(settings.current_release, REVISED)
    assert told == ("2026-08", "revision", "25", august[1], WHY, "2026-11-26", False, 1)
    assert quarter[:3] == ("2026-T3", "revision", "50")
    assert history.told()["2026-08"] == ("modifie", "25", august[1], WHY)

    history.night("2026-12-20", d2026_08_03=25, d2026_08_04=12, d2026_08_05=30, d2026_09_07=28)
    assert ask(settings.current_release, STANDING)[0] == august
    with pytest.raises(ImpactError, match=r"2026-08 was revised on 2026-11-26: .* --force it"):
        revise(settings, chosen, WHY, at("2026-12-20"))
    revise(settings, chosen, WHY, at("2026-12-20"), is_forced=True)
    forced = ask(settings.current_release, REVISED)
    assert [row[5:] for row in forced if row[0] == "2026-08"] == [
        ("2026-11-26", False, 1), ("2026-12-20", True, 2),
    ]  # fmt: skip


def test_a_place_that_comes_later_enters_its_territories_by_revision(
    tmp_path: Path, settings: Settings, make_place
) -> None:
    settings = replace(settings, sql=copied_sql(tmp_path / "network" / "sql"))
    early = {name: register(d2026_06_08=25) for name in ("a", "b", "c")}

    def night(day: str, **files: str) -> None:
        places = []
        for name in ("a", "b", "c", "d"):
            (tmp_path / name).mkdir(exist_ok=True)
            given = {f"{name}.csv": files[name]} if name in files else {}
            place = {"id": name, "opened_on": "2026-06-01"}
            who = {"identity": {"email": "Courriel"}} if name == "d" and given else {}
            places.append(make_place(tmp_path / name, given, place=place, coverage="months", **who))
            if given:
                collect_place(places[-1], settings, Request(as_of=at(day)))
        built = build_warehouse(places, settings, at(day), force=True)
        note_outcome(settings, built.release_id, "approved")
        publish_release(settings, built.release_id)

    def network() -> list[tuple[object, ...]]:
        return ask(
            settings.current_release,
            "SELECT affichage, statut, lieux_contributeurs, lieux_attendus, revision FROM valeurs "
            "WHERE indicateur_id = 'visits' AND niveau = 'reseau' AND periode = '2026-06'",
        )

    night("2026-11-20", **early)
    assert network() == [("75", "some_places", 3, 4, 0)]
    # twelve people, who came on 25 days
    header, *lines = register(**{f"d2026_06_{day:02}": 1 for day in range(1, 26)}).splitlines()
    named = [f"{line},p{n % 12}@exemple.fr" for n, line in enumerate(lines)]
    night("2026-11-21", **early, d="\n".join([f"{header},Courriel", *named]))
    assert network() == [("75", "some_places", 3, 4, 0)]
    with drawing(settings) as connection:
        draw_figures(connection, settings.sql)
        let_stand(connection, settings.sql)
        found = others(connection, Chosen(("d",), ("2026-06",)))
    assert found.filter(niveau="reseau", periode="2026-06")["people"].to_list() == [12]
    done = revise(settings, Chosen(("d",), ("2026-06",)), WHY, at("2026-11-22"))
    assert ("visits", "reseau", "2026-06") in done.tables.rows()
    assert network() == [("100", "ok", 4, 4, 1)]


def test_a_new_draw_that_says_too_much_with_the_old_one_is_left_out_and_the_old_one_stands() -> (
    None
):
    """A reader has the release before too; and of a new definition the table before stands."""
    nobody = "place_id | person_key | checked_in_at\np1 | a | 2025-01-06 10:00"
    example = Example(name="gate", given={"core.attendance": nobody}, expect="scope_id | period_id")
    differences(read_indicators(SETTINGS.sql)["visits"], example, SETTINGS)
    warehouse = prepared(SETTINGS.sql, SETTINGS.reference).warehouse
    values, _kept = read_values(SETTINGS.sql)
    warehouse.execute(f"CREATE OR REPLACE TABLE indicator.value AS {values.select}")
    warehouse.execute("CREATE OR REPLACE TABLE registry.publication AS SELECT 'p' publication_id")

    def drawn(name: str, period: str, value: int, revision: int, version: int = 1) -> None:
        low, high = value - 4, value + 4
        frame = release([cell(name, "p1", period, "ensemble", low, high, value)]).values
        into = "new_value" if revision or version > 1 else "ledger.published_value"
        warehouse.register("cells", frame.with_columns(
            affichage=pl.lit(str(value)), etat=pl.lit("definitif"), revision=revision,
            publication_id=pl.lit("p" if into == "new_value" else "before"), version=version,
            publiee_le=date(2026, 1, 1), lieux_contributeurs=1, lieux_attendus=1,
        ))  # fmt: skip
        warehouse.execute(f"INSERT INTO {into} BY NAME FROM cells")
        warehouse.unregister("cells")

    warehouse.execute("ATTACH ':memory:' AS release")
    try:
        let_stand(warehouse, SETTINGS.sql)
        # alone the new bounds leave nine values; who knows that the old ones hold no more, four
        drawn("visits", "2025-01", 99, 0)
        drawn("visits", "2025-01", 103, 1)
        # five are left
        drawn("visits", "2025-02", 95, 0)
        drawn("visits", "2025-02", 100, 1)
        # more coworking days than visits: by another definition
        drawn("visits", "2025-03", 100, 0)
        drawn("coworking_days", "2025-03", 90, 0)
        drawn("coworking_days", "2025-03", 105, 0, version=2)
        warehouse.execute(
            "CREATE TABLE release.valeurs AS "
            "SELECT * EXCLUDE (secret_fingerprint, reason, is_forced) FROM standing_value"
        )
        found = close_gate(warehouse)
        rows = warehouse.execute(
            "SELECT indicateur_id, periode, affichage, diffusion, version, revision "
            "FROM release.valeurs ORDER BY ALL"
        ).fetchall()
        kept = warehouse.execute("SELECT periode FROM new_value").fetchall()
    finally:
        warehouse.execute("DETACH release")
        warehouse.execute("DELETE FROM ledger.published_value")
        warehouse.execute("DROP VIEW standing_value")
        warehouse.execute("DROP TABLE new_value")
    assert sorted(table["period"] for table in found["left_out"]) == ["2025-01", "2025-03"]
    assert rows == [
        ("coworking_days", "2025-03", "90", "arrondi", 1, 0),
        ("visits", "2025-01", "99", "arrondi", 1, 0),
        ("visits", "2025-02", "100", "arrondi", 1, 1),
        ("visits", "2025-03", "100", "arrondi", 1, 0),
    ]
    assert kept == [("2025-02",)], "what was left out is not taken down"


def test_two_releases_are_compared_and_no_earlier_one_comes_back_across_what_was_published(
    history: History, monkeypatch, capsys
) -> None:
    settings, first = history.settings, str(current_id(history.settings))
    for name in ("home", "places", "keys"):
        monkeypatch.setenv(f"IMPACT_{name.upper()}", str(getattr(settings, name)))

    def impact(*command: str) -> tuple[int, str]:
        code = main([*command])
        told = capsys.readouterr()
        return code, told.out + told.err

    history.night("2026-11-21")
    second = str(current_id(settings))
    assert impact("diff", first, "current") == (0, "No figure is another.\n")
    assert impact("rollback", first) == (0, f"Readers see release {first} again.\n")
    assert current_id(settings) == first
    with open_warehouse(settings, read_only=True) as warehouse:
        outcomes = warehouse.execute("SELECT release_id, outcome FROM ledger.build").fetchall()
    assert dict(outcomes) == {first: "published", second: "withheld"}

    withdraw(settings, Chosen(indicators=("visits",), periods=("2026-08",)), WHY, at("2026-11-22"))
    third = str(current_id(settings))
    code, told = impact("diff", first, third)
    assert code == 0 and told.startswith(f"withdrawn with a reason: 1\nBecause: {WHY}\n")
    assert [word in told for word in ("visits", "2026-08", "25", "retiree")] == [True] * 4
    back = json.loads(impact("diff", third, first, "--format", "json")[1])
    assert [(row["kind"], row["avant"], row["apres"]) for row in back] == [
        ("published", "retiree", "25")
    ]
    code, told = impact("rollback", first)
    assert code == 1 and f"{first}: 1 value was published or revised since: visits" in told
    assert current_id(settings) == third
    assert impact("rollback", third)[1].startswith(f"impact: {third}: readers see this release")
    for command in (("diff", first, "2026-01-01-x"), ("rollback", "2026-01-01-x")):
        code, told = impact(*command)
        assert code == 2 and f"no such release → known are: {first}" in told
    other = history.folder / "other.csv"
    other.write_text("no release")
    code, told = impact("diff", first, str(other))
    assert code == 2 and "this is no release" in told
