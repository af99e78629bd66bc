"""A status counts what was lost: in which period, how often, from how many rows on, and until when."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from flows.cli import main
from flows.intake.ledger import one_row
from flows.publication.preview import write_preview
from flows.publication.release import write_release
from flows.settings import Settings
from flows.stages.build import build_warehouse
from flows.warehouse.database import open_warehouse
from flows.warehouse.models import read_core
from tests.conftest import AS_OF

OPENED = date(2026, 1, 1)
REGISTER = {"record_id": "N°", "checked_in_at": "Arrivée", "space_code": "Espace"}
STAFF = {
    "record_id": "N°", "contract_type": "Nature", "started_on": "Début", "ended_on": "Fin",
    "weekly_minutes": "Heures",
}  # fmt: skip


def visits(per_month: dict[int, int], prefix: str = "") -> list[str]:
    """So many good rows in each month of 2026, one after the other over its days."""
    return [
        f"{prefix}{month}{n:05};{date(2026, month, 1) + timedelta(n % 28):%d/%m/%Y} 10:00;coworking"
        for month, times in per_month.items()
        for n in range(times)
    ]


def register(*rows: str) -> str:
    return "\n".join(["N°;Arrivée;Espace", *rows]) + "\n"


def lost_on(day: date, times: int, prefix: str = "p") -> list[str]:
    """Rows of which all but the space can be read."""
    return [f"{prefix}{n};{day:%d/%m/%Y} 11:00;n'importe quoi" for n in range(times)]


def undated(times: int) -> list[str]:
    return [f"u{n};hier;coworking" for n in range(times)]


def staff(*rows: str) -> str:
    return "\n".join(["N°;Nature;Début;Fin;Heures", *rows]) + "\n"


EVERY_MONTH = dict.fromkeys(range(1, 11), 100)
OCTOBER = date(2026, 10, 15)
REGISTERS: dict[str, list[str]] = {
    "issue-example": visits({1: 9480, 9: 120, 10: 400}) + undated(120),
    "two-of-twenty": visits({**EVERY_MONTH, 10: 20}) + lost_on(OCTOBER, 2),
    "three-of-thirty": visits({**EVERY_MONTH, 10: 27}) + lost_on(OCTOBER, 3),
    "three-of-two-hundred": visits({**EVERY_MONTH, 10: 200}) + lost_on(OCTOBER, 3),
    "nothing-but-totals": visits(EVERY_MONTH)
    + ["Total;;100"] * 9 + ["N°;Arrivée;Espace"] * 9 + ["901;;", ";;"] * 9,
    "no-good-row": undated(4),
    "looks-around": visits(EVERY_MONTH) + lost_on(date(2026, 8, 31), 30),
}  # fmt: skip
CONTRACTS = {
    "unreadable-end": staff("1;CDI;01/01/2026;;35", "2;CDD;10/03/2026;bientôt;35"),
    "unreadable-start": staff(
        "1;CDI;01/04/2026;;35", "3;CDI;01/08/2026;;35", "2;CDD;bientôt;15/06/2026;35"
    ),
    "ends-before-it-starts": staff("1;CDI;01/01/2026;;35", "2;CDD;10/05/2026;01/02/2026;35"),
    "one-of-sixty": staff(
        *(f"{n};CDI;01/01/2026;;35" for n in range(60)), "x;CDD;01/05/2026;10/06/2026;beaucoup"
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def network(tmp_path_factory, make_place, collect) -> Settings:
    """One place for each case, collected and computed once."""
    folder = tmp_path_factory.mktemp("lost")
    settings = Settings(home=folder / "home", places=folder, keys=folder / "keys")
    places = []
    for name, rows in REGISTERS.items():
        files = {f"{name}-2026-10-01-2026-10-31.csv": register(*rows)}
        proof = "until_file_date" if name == "no-good-row" else "months"
        who = {"identity": {"source_id": "N°"}} if name == "looks-around" else {}
        places.append(put(folder, make_place, name, files, columns=REGISTER, coverage=proof, **who))
    for name, text in CONTRACTS.items():
        files = {f"{name}-2026-01-01-2026-10-31.csv": text}
        places.append(
            put(folder, make_place, name, files, feed="employment", columns=STAFF,
                coverage="until_file_date")
        )  # fmt: skip
    counter = register(*visits(EVERY_MONTH), *lost_on(date(2026, 3, 10), 30))
    files = {"accueil.csv": register(*visits(EVERY_MONTH)), "compteur.csv": counter}
    places.append(
        make_place(
            folder, files, {"id": "two-desks", "opened_on": OPENED},
            [{"id": "accueil", "columns": REGISTER, "coverage": "months", "path": "accueil.csv", "identity": {"source_id": "N°"}},
             {"id": "compteur", "columns": REGISTER, "coverage": "months", "path": "compteur.csv"}],
        )
    )  # fmt: skip
    sent = visits({9: 2999, 10: 999}) + lost_on(date(2026, 9, 9), 1) + lost_on(OCTOBER, 1, "q")
    files = {"october.csv": register(*sent, *undated(4))}
    places.append(put(folder, make_place, "october", files, columns=REGISTER, coverage="window"))
    asked = {"october": (date(2026, 10, 1), date(2026, 10, 31))}
    rolling = {
        f"r{month:02}.csv": register(*visits({month: 9}), *[";01/05/2026 10:00;rien"] * 2,
                                  ";02/05/2026 10:00;rien")
        for month in (8, 9, 10)
    }  # fmt: skip
    unnumbered = {name: header for name, header in REGISTER.items() if name != "record_id"}
    places.append(
        put(folder, make_place, "rolling", rolling, columns=unnumbered, coverage="months",
            path="r??.csv")
    )  # fmt: skip
    for place in places:
        first, last = asked.get(place.id, (None, None))
        for report in collect(place, settings, first_day=first, last_day=last):
            assert (report.refused, report.failed) == ([], [])
    build_warehouse(places, settings, AS_OF, force=True)
    return settings


def put(
    folder: Path, make_place: Callable[..., Any], name: str, files: dict[str, str], **source: Any
) -> Any:
    declared = {"id": name, "opened_on": OPENED, "services": ["coworking"]}
    return make_place(folder, files, declared, **source)


@pytest.fixture(scope="module")
def figure(network, read) -> Callable[..., tuple[Any, ...]]:
    """Status, value, lost rows, their share in per mille, and the source that lost most."""

    def found(place: str, period: str, indicator: str = "visits", scope: str = "place") -> Any:
        [row] = read(
            network,
            "SELECT status, value, round(lost_rows, 6), round(1000 * lost_share), lost_by "
            "FROM indicator.value WHERE breakdown = 'all' "
            f"AND indicator_id = '{indicator}' AND scope_type = '{scope}' "
            f"AND scope_id = '{place}' AND period_id = '{period}'",
        )
        return row

    return found


def test_rows_without_a_day_lie_where_the_others_of_their_delivery_do(figure) -> None:
    assert figure("issue-example", "2026-10") == ("ok", 400, 4.8, 12, None)
    assert figure("issue-example", "2026-01")[2] == 113.76
    assert figure("issue-example", "2026-02")[2] == 0


def test_a_delivery_without_a_day_of_its_own_lost_its_rows_on_the_days_that_it_proves(
    figure,
) -> None:
    assert figure("no-good-row", "2026-10") == ("partial", None, 4, 1000, "registre")


def test_rows_of_days_that_nobody_asked_for_are_not_lost(network, figure, read) -> None:
    """Of four rows without a day one is of October, as one of four others is."""
    assert figure("october", "2026-10")[1:4] == (999, 2, 2)
    assert figure("october", "2026-09")[2] == 0
    counted = read(
        network,
        "SELECT a.rows_in, a.loaded, a.quarantined, a.not_asked FROM ledger.attempt AS a "
        "JOIN ledger.batch AS b USING (batch_id) WHERE b.place_id = 'october'",
    )
    assert counted == [(4004, 999, 5, 3000)]


def test_a_contract_is_asked_for_on_each_of_its_days(
    settings, make_place, collect, tmp_path
) -> None:
    spans = ["01/01/2019;", "01/09/2026;", "01/03/2026;31/08/2026", "01/03/2026;01/09/2026"]
    spans += ["30/09/2026;31/12/2026", "01/10/2026;"]
    rows = [f"{n};CDI;{days};beaucoup" for n, days in enumerate(spans)]
    place = put(
        tmp_path, make_place, "asked", {"a.csv": staff(*rows)}, feed="employment", columns=STAFF,
        coverage="window",
    )  # fmt: skip
    [report] = collect(place, settings, first_day=date(2026, 9, 1), last_day=date(2026, 9, 30))
    assert (report.quarantined, report.not_asked) == (4, 2)


def test_a_month_is_partial_above_the_share_that_the_place_tolerates_and_from_three_rows_on(
    figure,
) -> None:
    assert figure("two-of-twenty", "2026-10") == ("ok", 20, 2, 91, None)
    assert figure("three-of-thirty", "2026-10") == ("partial", None, 3, 100, "registre")
    assert figure("three-of-two-hundred", "2026-10") == ("ok", 200, 3, 15, None)
    assert figure("three-of-thirty", "2026-09") == ("ok", 100, 0, 0, None)
    assert figure("three-of-thirty", "2026")[2:4] == (3, 3)


def test_totals_headings_and_lines_that_wait_to_be_filled_are_not_lost(
    network, figure, read
) -> None:
    assert figure("nothing-but-totals", "2026-10") == ("ok", 100, 0, 0, None)
    counted = read(
        network,
        "SELECT a.quarantined, a.not_records, a.ignored FROM ledger.attempt AS a "
        "JOIN ledger.batch AS b USING (batch_id) WHERE b.place_id = 'nothing-but-totals'",
    )
    assert counted == [(0, 27, 36)]


def test_a_contract_is_lost_from_its_start_to_its_end_and_as_a_whole(figure) -> None:
    jobs = "direct_jobs_eop"
    assert [figure("unreadable-end", f"2026-{month:02}", jobs)[:3] for month in (2, 3, 10)] == [
        ("ok", 1, 0), ("partial", None, 1), ("partial", None, 1)
    ]  # fmt: skip
    assert [figure("unreadable-start", f"2026-{month:02}", jobs)[2] for month in (6, 7)] == [1, 0]
    wrong = "ends-before-it-starts"
    assert [figure(wrong, f"2026-{month:02}", jobs)[2] for month in (2, 5, 10)] == [0, 1, 1]
    assert figure("one-of-sixty", "2026-06", jobs) == ("ok", 60, 1, 16, None)
    assert figure("one-of-sixty", "2026-07", jobs) == ("ok", 60, 0, 0, None)


def test_a_territory_pools_the_rows_of_its_places(figure) -> None:
    """Three of thirty are too many, and few beside the hundreds of the other places."""
    lost = 4.8 + 2 + 3 + 3 + 4 + 2
    status, value, rows, share, _by = figure("network", "2026-10", scope="network")
    there = 400 + 20 + 27 + 200 + 100 + 100 + 200 + 999 + 9
    assert (rows, share) == (pytest.approx(lost), round(1000 * lost / (lost + there)))
    assert (status, value, lost < 0.02 * (lost + there)) == ("ok", there, True)


def test_days_that_a_figure_looks_back_on_count_for_it(figure) -> None:
    place = "looks-around"
    assert [figure(place, f"2026-{month:02}")[2] for month in (7, 8, 9)] == [0, 30, 0]
    back, ahead = "returning_share", "newcomer_return_90d"
    assert [figure(place, f"2026-{m:02}", back)[2] for m in (7, 8, 9)] == [0, 30, 30]
    assert [figure(place, f"2026-{m:02}", ahead)[2] for m in (4, 5, 6, 7)] == [0, 0, 30, 30]
    assert figure(place, "2026-09", back)[0] == "partial"


def test_where_no_identity_is_taken_down_nobody_was_counted_and_nobody_lost(figure) -> None:
    assert figure("three-of-thirty", "2026-10", "returning_share")[:3] == (
        "not_applicable", None, None
    )  # fmt: skip
    assert figure("two-desks", "2026-03", "visits")[2] == 30
    assert figure("two-desks", "2026-03", "persons_reached")[2] == 0


@pytest.fixture(scope="module")
def files(network) -> tuple[Path, Path]:
    """The preview and the release."""
    return write_preview(network), write_release(network, "try")


@pytest.fixture
def published(files) -> Iterator[Callable[[str], list[tuple[Any, ...]]]]:
    def ask(sql: str) -> list[tuple[Any, ...]]:
        found = []
        for file in files:
            with duckdb.connect(str(file), read_only=True) as connection:
                found += connection.execute(sql).fetchall()
        return found

    yield ask


def test_the_reason_names_the_source_and_in_the_preview_how_many_rows(published) -> None:
    where = "indicateur_id = 'visits' AND ventilation = 'ensemble' AND periode = '2026-10'"
    said = published(
        f"SELECT statut, part_refusee, motif FROM valeurs WHERE {where} "
        "AND territoire_id = 'three-of-thirty'"
    )
    assert said == [
        ("partial", 0.1, "3 lignes ont été refusées, surtout de la source registre : impact rejects."),
        ("partial", Decimal("0.10"), "Données incomplètes : trop de lignes ont été refusées, surtout de la source "
         "registre."),
    ]  # fmt: skip
    assert published(f"SELECT part_refusee FROM valeurs WHERE {where} AND territoire_id = 'issue-example'") == [
        (pytest.approx(4.8 / 404.8),), (0.0,)
    ]  # fmt: skip


def test_what_is_published_of_quality_counts_a_row_of_three_deliveries_once(files, network) -> None:
    with duckdb.connect(str(files[1]), read_only=True) as connection:
        found = connection.execute(
            "SELECT centaines_recues, centaines_rejetees, premier_motif, respecte FROM qualite "
            "WHERE lieu_id = 'rolling'"
        ).fetchall()
    assert found == [(0, 0, None, True)]  # 36 and 3: a row more or less never shows
    with duckdb.connect(str(network.warehouse), read_only=True) as warehouse:
        lost = warehouse.execute("SELECT sum(lost) FROM core.lost_row WHERE place_id = 'rolling'")
        assert lost.fetchone() == (3,)


@pytest.fixture
def open_rows(settings, make_place, collect, tmp_path) -> Callable[..., int]:
    """Deliver registers by name, one after the other; how many rows are then lost of them all.

    They have no number of their own.
    """
    columns = {name: header for name, header in REGISTER.items() if name != "record_id"}

    def lost(*deliveries: tuple[str, list[str]], **source: Any) -> int:
        for name, rows in deliveries:
            for old in tmp_path.glob("*.csv"):
                old.unlink()
            place = make_place(
                tmp_path, {name: register(*rows)}, path="*.csv", columns=columns, **source
            )
            [report] = collect(place, settings)
            assert (report.refused, report.failed) == ([], [])
        with open_warehouse(settings, read_only=True) as warehouse:
            models = read_core(settings.sql)
            row = models["core.lost_row"].select
            return int(one_row(warehouse, f"SELECT coalesce(sum(lost), 0) FROM ({row})")[0])

    return lost


def test_one_row_in_three_deliveries_of_a_register_is_lost_once(open_rows) -> None:
    """Equal rows of one delivery are as many as they are."""
    bad = [f";0{n}/10/2026 10:00;n'importe quoi" for n in (1, 2, 2)]
    months = [visits(dict.fromkeys(range(1, last), 5)) for last in (8, 9, 10)]
    assert open_rows(*((f"{n}.csv", [*bad, *rows]) for n, rows in enumerate(months))) == 3


def test_a_row_that_is_corrected_in_one_delivery_is_in_all_of_them(open_rows) -> None:
    bad, other = ";01/10/2026 10:00;n'importe quoi", ";02/10/2026 10:00;rien"
    good = ";01/10/2026 10:00;coworking"
    assert open_rows(("a.csv", [bad, other]), ("b.csv", [bad, other, good])) == 2
    assert open_rows(("b.csv", [good, other])) == 1


NO_NUMBER = {
    name: f";{n:02}/10/2026 10:00;{space}"
    for n in range(1, 8)
    for name, space in ((f"g{n}", "coworking"), (f"b{n}", "n'importe quoi"))
}
"""A row of each day as it should be (`g1`), and as it comes first (`b1`)."""


CUMULATIVE = {
    "b1 g2 | b1 g2 g3 | g1 g2 g3 g4": 0,
    "b1 b2 g3 | b1 b2 g3 g4 | b1 g2 g3 g4 g5": 1,
    "g3 b1 b2 | g5 b4 g3": 1,
    "b1 g2 g3 | g4 g5": 1,
    "b1 g2 g3 | g1 g2 g4": 1,
    "b1 g2 g2 | g1 g2 g3": 1,
    "b1 | g2 g3": 1,
    "b1 g2 | b3 g4 | g1 g2 g5": 1,
    "b1 g2 g3 | b1 g2 g4 | g1 g2 g4 g5": 0,
}
"""Files of a source, one after the other → how many rows are lost in the end."""


def test_a_later_file_with_all_good_rows_of_an_earlier_one_speaks_for_it(
    settings, make_place, collect, read, tmp_path
) -> None:
    columns = {name: header for name, header in REGISTER.items() if name != "record_id"}
    sources = [{"id": f"s{n}", "path": f"s{n}-*.csv", "columns": columns} for n in range(9)]
    for turn in range(3):
        files = {
            f"s{n}-{turn}.csv": register(*(NO_NUMBER[name] for name in parts[turn].split()))
            for n, deliveries in enumerate(CUMULATIVE)
            if turn < len(parts := deliveries.split("|"))
        }
        for report in collect(make_place(tmp_path, files, sources=sources), settings):
            assert (report.refused, report.failed) == ([], [])
    row = read_core(settings.sql)["core.lost_row"].select
    lost = dict(read(settings, f"SELECT source_id, sum(lost) FROM ({row}) GROUP BY source_id"))
    assert {deliveries: lost.get(f"s{n}", 0) for n, deliveries in enumerate(CUMULATIVE)} == (
        CUMULATIVE
    )
    waiting = read(settings, "SELECT DISTINCT batch_id FROM ledger.open_reject")
    assert {*read(settings, "SELECT DISTINCT batch_id FROM ledger.held")} <= {*waiting}


def test_a_snapshot_speaks_for_all_rows_and_a_period_for_those_of_its_days(open_rows) -> None:
    bad = [f";0{n}/10/2026 10:00;n'importe quoi" for n in (1, 8)]
    good = [f";0{n}/10/2026 10:00;coworking" for n in (1, 2, 3)]
    period = {"delivery": "period", "coverage": "span"}
    assert open_rows(("a.csv", [*bad, *good]), ("b.csv", good), **period) == 1
    assert open_rows(("c.csv", [*good, good[0]]), delivery="snapshot") == 0


def test_what_is_set_aside_with_a_reason_is_lost_no_more_and_the_ledger_says_who_and_why(
    open_rows, settings, read, monkeypatch, capsys
) -> None:
    bad, good = lost_on(OCTOBER, 3, prefix=""), ";15/10/2026 12:00;coworking"
    assert open_rows(("a.csv", [*bad, good])) == 3
    monkeypatch.setattr("flows.cli.command.read_settings", lambda: settings)
    [(batch_id,)] = read(settings, "SELECT batch_id FROM ledger.batch")
    for words in ([batch_id], ["--set-aside", batch_id], ["--set-aside", "--reason", "x"],
                  ["--set-aside", batch_id, "--reason", " "]):  # fmt: skip
        assert main(["rejects", *words]) == 2
    assert main(["rejects", "--set-aside", "nothing", "--reason", "illisible"]) == 2
    assert "take a batch" in capsys.readouterr().err
    assert open_rows() == 3
    assert main(["rejects", "--set-aside", batch_id, "--reason", "illisible"]) == 0
    assert "3 rows are set aside" in capsys.readouterr().out
    assert open_rows() == 0
    noted = read(settings, "SELECT batch_id, said_by <> '', reason FROM ledger.set_aside")
    assert noted == [(batch_id, True, "illisible")]
    assert main(["rejects", "--set-aside", batch_id, "--reason", "encore"]) == 2
