"""Files as French administrations and tools write them are read for what they mean."""

from __future__ import annotations

import csv
import functools
import io
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from flows.connectors import _csv, connector
from flows.connectors._text import utf8_blocks
from flows.intake.read_times import NAIVE_FORMATS, first_that_reads, read_instants, read_naive
from flows.sources import Source

PARIS = ZoneInfo("Europe/Paris")
HEADER = "N°;Arrivée\n"
NOON = "03/02/2025 12:00"
STATUS = {"attendance_status": {"Présent": "present", "Excusé – œuvre l’été": "absent"}}
ROLL = {"record_id": "N°", "checked_in_at": "Arrivée", "attendance_status": "Présence"}
SHEET = ROLL | {"headcount": "Nombre", "home_commune": "Commune", "deleted": "Annulé"}
del SHEET["attendance_status"]


@pytest.fixture
def cell(take) -> Callable[..., Any]:
    """The value that one cell of a register of services becomes; nothing when it is refused."""

    def load(field: str, text: str) -> Any:
        columns = {"record_id": "N°", "occurred_at": "Date"} | {field: "Valeur"}
        date_and_value = text if field == "occurred_at" else f"{NOON};{text}"
        found = take(
            field,
            f"N°;{'Valeur' if field == 'occurred_at' else 'Date;Valeur'}\n1;{date_and_value}\n",
            feed="service_usage",
            columns=columns,
            constants={"service_code": "formation", "unit": "heure"},
        )
        return found[0][0] if found else None

    return load


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("last", [True, False], ids=["ended", "not-ended"])
@pytest.mark.parametrize(
    ("encoding", "mark", "separator"),
    [
        ("cp1252", b"", ";"),
        ("utf-8", b"", ","),
        ("utf-8-sig", b"", ";"),
        ("utf-16-le", b"\xff\xfe", "\t"),
        ("utf-16-be", b"\xfe\xff", "\t"),
    ],
)
def test_the_same_register_reads_the_same_however_it_is_encoded(
    take, encoding: str, mark: bytes, separator: str, end: str, last: bool
) -> None:
    rows = [list(ROLL.values()), ["1", NOON, "Présent"], ["2", NOON, "Excusé – œuvre l’été"]]
    text = end.join(separator.join(row) for row in rows) + (end if last else "")
    found = take(
        "record_id, attendance_status", mark + text.encode(encoding), columns=ROLL, values=STATUS
    )
    assert found == [("1", "present"), ("2", "absent")]


@pytest.mark.parametrize("text", ["1 234,50", "1\u00a0234,50", "1\u202f234,5 €", "1234.50"])
def test_an_amount_has_a_decimal_comma_and_any_space_between_thousands(cell, text: str) -> None:
    assert cell("amount_eur_cents", text) == 123450


@pytest.mark.parametrize("text", ["1 234", "1\u00a0234", "1\u202f234", "1234,0"])
def test_a_whole_number_has_any_space_between_thousands(cell, text: str) -> None:
    assert cell("headcount", text) == 1234


@pytest.mark.parametrize(
    "text",
    ["03/02/2025", "3/2/2025", "03-02-2025", "03.02.2025", "2025-02-03", "2025/02/03",
     "03/02/25", "45691", "2025-02-03 00:00:00", "03/02/2025 00:00", "\u00a003/02/2025 ",
     "3 février 2025", "lundi 3 février 2025", "Lundi 3 Février 2025", "le 3 février 2025",
     "lun. 3 févr. 2025", "3 fév 2025", "3 FEVRIER 2025", "3 fe\u0301vrier 2025",
     "03-févr-25", "3\u00a0février\u202f2025", "3 février 2025 00:00"],
)  # fmt: skip
def test_a_date_is_read_however_it_is_written(cell, text: str) -> None:
    assert cell("enrolled_from", text) == date(2025, 2, 3)


@pytest.mark.parametrize(
    "text",
    ["03/02/2025 14:05", "03/02/2025 14:05:00", "03/02/2025 à 14:05", "03/02/2025 à 14h05",
     "03/02/2025 14h05", "03/02/25 14:05", "2025-02-03 14:05", "2025-02-03T14:05:00",
     "2025-02-03T14:05:00.000", "45691,5868055556", "45691.5868055556",
     "3 février 2025 14:05", "lundi 3 février 2025 à 14h05", "3 févr. 2025, 14h05",
     "3-févr.-25 14:05:00", "lundi 3 février 2025 à 14 h 05"],
)  # fmt: skip
def test_a_local_time_is_read_however_it_is_written(cell, text: str) -> None:
    assert cell("occurred_at", text) == datetime(2025, 2, 3, 14, 5, tzinfo=PARIS)


def test_every_month_is_known_by_its_name_and_by_what_is_left_of_it(take) -> None:
    months = ("janvier janv.", "février févr.", "mars mar.", "avril avr.", "mai mai", "juin juin",
              "juillet juil.", "août aout", "septembre sept.", "octobre oct.", "novembre nov.",
              "décembre déc.")  # fmt: skip
    lines = [f"{m}{n};1er {name} 2024\n" for m, names in enumerate(months, 1)
             for n, name in enumerate(names.split())]  # fmt: skip
    found = take("month(checked_in_at + INTERVAL 12 HOUR)", HEADER + "".join(lines))
    assert sorted(found) == sorted([(m,) for m in range(1, 13)] * 2)


@pytest.mark.parametrize(
    "text",
    ["31 septembre 2025", "3 fevrembre 2025", "février 2025", "3 février", "mardi",
     "3 février 205", "vers le 3 février 2025", "3 février 2025 au matin"],
)  # fmt: skip
def test_a_date_in_words_that_is_not_one_is_refused(cell, text: str) -> None:
    assert cell("occurred_at", text) is None
    assert cell("enrolled_from", text) is None


def test_the_hour_that_is_skipped_or_comes_twice_is_seen_in_a_written_date_too(
    take, faults, settings
) -> None:
    text = HEADER + "1;30 mars 2025 à 2h30\n2;26 octobre 2025 à 2h30\n3;3 mars 2025 à 2h30\n"
    assert take("record_id, is_time_ambiguous", text) == [("2", True), ("3", False)]
    assert [fault for _, _, fault, _ in faults(settings)] == ["nonexistent_local_time"]


@pytest.mark.parametrize(
    "text",
    ["2025-02-03T13:05Z", "2025-02-03T13:05:00Z", "2025-02-03T13:05:00.000Z",
     "2025-02-03T14:05:00+01:00", "2025-02-03T14:05:00+0100", "2025-02-03 08:05:00-05:00",
     "2025/02/03 14:05:00 +0100"],
)  # fmt: skip
def test_an_offset_says_which_instant_it_was(cell, text: str) -> None:
    assert cell("occurred_at", text) == datetime(2025, 2, 3, 13, 5, tzinfo=UTC)


def test_a_date_without_an_hour_is_the_midnight_of_that_day(cell) -> None:
    assert cell("occurred_at", "03/02/2025") == datetime(2025, 2, 3, tzinfo=PARIS)


def test_one_column_may_mix_all_the_ways_of_writing_a_time(take) -> None:
    spellings = [NOON, "2025-02-03T12:00", "45691.5", "03/02/2025 à 12:00", "2025-02-03T11:00:00Z",
                 "lundi 3 février 2025 à 12h"]  # fmt: skip
    lines = [f"{number};{text}\n" for number, text in enumerate(spellings, start=1)]
    found = take("checked_in_at", HEADER + "".join(lines))
    assert found == [(datetime(2025, 2, 3, 12, tzinfo=PARIS),)] * len(spellings)


@pytest.mark.parametrize(
    ("first", "last"), [(NOON, "2025-02-03T11:00:00Z"), ("2025-02-03T11:00:00Z", NOON)]
)
def test_a_way_of_writing_a_time_may_begin_late_in_a_column(take, first: str, last: str) -> None:
    lines = [f"{number};{first}\n" for number in range(300)]
    found = take("checked_in_at", HEADER + "".join(lines) + f"300;{last}\n")
    assert found == [(datetime(2025, 2, 3, 12, tzinfo=PARIS),)] * 301


@pytest.mark.parametrize(
    ("text", "code"),
    [("1001", "01001"), ("01001", "01001"), ("2a004", "2A004"), ("2B033", "2B033"),
     ("2676.0", "02676"), ("97411", "97411"), ("80000", None), ("Amiens", None)],
)  # fmt: skip
def test_a_commune_is_its_code_with_the_zero_that_excel_lost_never_a_postal_code(
    cell, text: str, code: str | None
) -> None:
    assert cell("home_commune", text) == code


@pytest.mark.parametrize("words", ["oui non", "OUI Non", "x ", "vrai faux", "O N", "1 0"])
def test_yes_and_no_are_said_in_many_ways(take, words: str) -> None:
    yes, no = words.split(" ")
    found = take(
        "record_id, deleted",
        f"N°;Arrivée;Annulé\n1;{NOON};{yes}\n2;{NOON};{no}\n",
        columns={"record_id": "N°", "checked_in_at": "Arrivée", "deleted": "Annulé"},
    )
    assert found == [("1", True), ("2", False)]


@pytest.mark.parametrize(
    "text", ["90", "1h30", "1H30", "1 h 30", "1:30", "01:30:00", "90,0", "90 min", "90mn"]
)
def test_a_duration_is_minutes_or_hours_and_minutes(cell, text: str) -> None:
    assert cell("duration_minutes", text) == 90


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_a_workbook_gives_its_dates_numbers_zeros_and_truths(
    take, workbook, faults, settings, kind: str
) -> None:
    arrival = datetime(2025, 2, 3, 14, 5)
    rows = [["Registre de l'accueil"], [""], list(SHEET.values()),
            ["007", arrival, 12, "01004", False], [8, arrival, 3.0, 1004, True],
            ["", "", "", "", ""], ["Total", "", 15, "", ""]]  # fmt: skip
    found = take(
        "record_id, checked_in_at, headcount, home_commune, deleted",
        workbook(kind, rows), f"e.{kind}", columns=SHEET, sheet="Données", header_row=3,
    )  # fmt: skip
    instant = arrival.replace(tzinfo=PARIS)
    assert found == [("007", instant, 12, "01004", False), ("8", instant, None, None, True)]
    assert [(row, rule) for row, _, rule, _ in faults(settings)] == [(7, "total_row")]


@pytest.mark.parametrize(
    ("field", "headers", "value"),
    [("occurred_at", ["Jour", "Heure"], datetime(2025, 2, 3, 14, 5, tzinfo=PARIS)),
     ("duration_minutes", "Durée", 90)],
    ids=["hour", "duration"],
)  # fmt: skip
def test_a_time_typed_in_a_cell_of_a_workbook_is_an_hour_or_a_duration(
    take, workbook, field: str, headers: str | list[str], value: Any
) -> None:
    hours = timedelta(hours=14, minutes=5), timedelta(hours=1, minutes=30)
    rows = [["N°", "Jour", "Heure", "Durée"], ["1", datetime(2025, 2, 3), *hours]]
    columns = {"record_id": "N°", "occurred_at": "Jour", field: headers}
    found = take(
        field, workbook("xlsx", rows), "e.xlsx", feed="service_usage", sheet="Données",
        columns=columns, constants={"service_code": "formation"},
    )  # fmt: skip
    assert found == [(value,)]


def test_title_lines_may_stand_above_a_header_with_spaces_of_every_kind(take) -> None:
    text = f"Registre; édité le 2 novembre\n\n\u00a0N° ;Heure\u00a0 d’arrivée ;\n1;{NOON};\n"
    columns = {"record_id": "N°", "checked_in_at": "Heure d’arrivée"}
    assert take("record_id", text, columns=columns, header_row=3) == [("1",)]


@pytest.mark.parametrize(
    ("line", "rule"),
    [(f"Total;{NOON}", "total_row"), (";;\n;sous-total : 12", "total_row"),
     (HEADER.strip(), "repeated_header"), ("2", "ragged_line"), (f"2;{NOON};x", "ragged_line"),
     (f'2;"{NOON}', "unclosed_quote"), (f'"2";"{NOON}";"x"', "ragged_line")],
)  # fmt: skip
def test_a_line_that_is_no_record_is_set_apart_and_its_neighbours_are_loaded(
    take, faults, settings, line: str, rule: str
) -> None:
    text = f"{HEADER}1;{NOON}\n{line}\n3;{NOON}\n4;{NOON}\n"
    assert take("record_id", text) == [("1",), ("3",), ("4",)]
    number = 2 + line.count("\n") + 1
    assert [fault for _, _, fault, _ in faults(settings)][-1] == rule
    assert faults(settings)[-1][0] == number


def test_a_quoted_field_may_run_over_two_lines(take, faults, settings) -> None:
    text = f'N°;Note;Arrivée\n1;"dit ""oui"";\npuis non";{NOON}\n2;x;{NOON}\n'
    assert take("record_id", text) == [("1",), ("2",)]
    assert faults(settings) == []


def test_nested_json_lines_are_named_with_dots_and_a_torn_line_is_alone(
    take, faults, settings
) -> None:
    lines = [
        json.dumps({"id": n, "when": {"at": "2025-02-03T11:00:00Z"}, "n": 2}) for n in (1, 2, 3)
    ]
    text = "\n".join([lines[0], lines[1][:-9], "", lines[2]])
    columns = {"record_id": "id", "checked_in_at": "when.at", "headcount": "n"}
    found = take("record_id, headcount", text, "export.jsonl", columns=columns)
    assert found == [("1", 2), ("3", 2)]
    assert [(row, rule) for row, _, rule, _ in faults(settings)] == [(2, "broken_json")]


@pytest.mark.parametrize("zone", [None, "UTC", "Europe/Paris", "America/Cayenne"])
@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_typed_columns_of_parquet_keep_their_meaning(take, tmp_path, zone, unit) -> None:
    at = pl.Series([datetime(2025, 2, 3, 12)]).dt.cast_time_unit(unit).dt.replace_time_zone(zone)
    frame = pl.DataFrame({"N°": [1], "Arrivée": at, "Nombre": [2.0], "Annulé": [False],
                          "Commune": pl.Series(["02676"], dtype=pl.Categorical)})  # fmt: skip
    frame.write_parquet(tmp_path / "typed")
    content = (tmp_path / "typed").read_bytes()
    found = take(
        "checked_in_at, headcount, deleted, home_commune", content, "e.parquet", columns=SHEET
    )
    instant = datetime(2025, 2, 3, 12, tzinfo=ZoneInfo(zone or "Europe/Paris"))
    assert found == [(instant, 2, False, "02676")]


def test_an_hour_that_the_clocks_skip_is_refused(take, faults, settings) -> None:
    text = HEADER + "1;30/03/2025 01:59\n2;30/03/2025 02:30\n3;30/03/2025 03:00\n"
    assert take("record_id", text) == [("1",), ("3",)]
    assert faults(settings) == [(3, "Arrivée", "nonexistent_local_time", "99/99/9999 99:99")]


def test_of_an_hour_that_exists_twice_the_first_is_taken_and_marked(take) -> None:
    text = HEADER + (
        "1;26/10/2025 01:59\n2;26/10/2025 02:30\n3;26/10/2025 03:00\n"
        "4;2025-10-26T02:30:00+01:00\n5;25/10/2025 02:30\n"
    )
    midnight = datetime(2025, 10, 26, tzinfo=UTC)
    expected = [(-1, False), (30, True), (120, False), (90, False), (-1410, False)]
    found = take("checked_in_at, is_time_ambiguous", text)
    assert found == [(midnight + timedelta(minutes=m), marked) for m, marked in expected]


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8"])
def test_a_byte_of_no_encoding_spoils_its_line_alone(take, faults, settings, encoding: str) -> None:
    text = f"N;Date;Statut\n1;{NOON};Présent\n2;{NOON};caf#\n3;{NOON};Présent\n"
    columns = {"record_id": "N", "checked_in_at": "Date", "attendance_status": "Statut"}
    content = text.encode(encoding).replace(b"#", b"\x81")
    assert take("record_id", content, columns=columns, values=STATUS) == [("1",), ("3",)]
    assert [(row, rule) for row, _, rule, _ in faults(settings)] == [(3, "unreadable_characters")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize(
    "body",
    ["1;a;été\n2;b;€\n3;c;où\n", "\n1;a;é\n\n\n2;b;€\n\n",
     '1;a;"é;"\n2;b;"€\n;""où"""\n3;c;é\n', '1;a;"x\ny"\n2;"b\n\nz";"x"\n3;c;é'],
    ids=["plain", "blank", "over-two-lines", "over-three-lines"],
)  # fmt: skip
def test_where_a_block_of_a_file_ends_changes_nothing(
    monkeypatch, body: str, encoding: str, end: str
) -> None:
    text = f"N°;Arrivée;Note\n{body}"
    content = text.replace("\n", end).encode(encoding)
    columns = {"record_id": "N°", "checked_in_at": "Arrivée", "activity_id": "Note"}
    source = Source(id="s", feed="attendance", connector="file", path="x", rhythm="daily",
                    coverage="days", columns=columns)  # fmt: skip
    reader = csv.reader(io.StringIO(text), delimiter=";")
    records = [(reader.line_num - "".join(row).count("\n"), *row) for row in reader]
    expected = [record for record in records[1:] if len(record) > 1]
    blank = len(records) - 1 - len(expected)
    for size in range(4, len(content) + 2):
        blocks = functools.partial(utf8_blocks, block_bytes=size)
        monkeypatch.setattr(_csv, "utf8_blocks", blocks)
        pages = list(connector("file").parse(io.BytesIO(content), "x.csv", source))
        rows = pl.concat([page.rows for page in pages]).sort("__row_number")
        assert [broken for page in pages for broken in page.broken] == [], size
        assert list(rows.iter_rows()) == expected, size
        assert sum(page.ignored for page in pages) == blank, size
        assert sum(page.records for page in pages) == len(expected) + blank, size


def test_an_hour_is_one_of_the_place_and_its_day_with_it(take) -> None:
    """23:30 in La Réunion is 20:30 in Paris; 21:00 in Guadeloupe is the next day there."""
    register = "N°;Arrivée\n1;01/02/2025 00:30\n2;2025-02-03T14:05Z\n"
    for commune, instants in (
        ("97411", ["2025-01-31 20:30:00+00", "2025-02-03 14:05:00+00"]),
        ("97120", ["2025-02-01 04:30:00+00", "2025-02-03 14:05:00+00"]),
    ):
        found = take(
            "place_id, strftime(timezone('UTC', checked_in_at), '%Y-%m-%d %H:%M:%S+00'), "
            "CAST(checked_in_local AS VARCHAR)",
            register,
            place={"id": f"lieu-{commune}", "commune_code": commune},
        )
        here = [row[1:] for row in found if row[0] == f"lieu-{commune}"]
        assert [instant for instant, _local in here] == instants
        assert here[0][1] == "2025-02-01 00:30:00"


STAYS = "N°;Arrivée;Départ\n{}\n"


@pytest.mark.parametrize(
    "departure",
    [
        "05/10/2026 09:15", "05/10/2026 09:10", "05/10/2026 00:30", "07/10/2026 09:15", "24:00",
        "-", "NC", "#N/A", "en cours", "",
    ],
)  # fmt: skip
def test_a_departure_in_doubt_leaves_a_visit_without_one(take, departure: str) -> None:
    rows = f"1;05/10/2026 09:15;{departure}\n2;05/10/2026 09:15;05/10/2026 12:00"
    columns = {"record_id": "N°", "checked_in_at": "Arrivée", "checked_out_at": "Départ"}
    found = take(
        "checked_out_at IS NULL AND checked_out_local IS NULL", STAYS.format(rows), columns=columns
    )
    assert found == [(True,), (False,)]


def test_which_of_two_equal_hours_somebody_left_in_is_not_guessed(take) -> None:
    rows = "1;24/10/2026 22:00;25/10/2026 02:30\n2;25/10/2026 02:10;25/10/2026 09:00"
    columns = {"record_id": "N°", "checked_in_at": "Arrivée", "checked_out_at": "Départ"}
    found = take("checked_out_at IS NULL, is_time_ambiguous", STAYS.format(rows), columns=columns)
    assert found == [(True, False), (False, True)]


def test_a_departure_without_its_hour_is_none_and_an_arrival_without_it_is_of_its_day(take) -> None:
    rows = "N°;Jour;De;À\n1;05/10/2026;09:00;\n2;05/10/2026;;12:00\n"
    columns = {
        "record_id": "N°", "checked_in_at": ["Jour", "De"], "checked_out_at": ["Jour", "À"],
    }  # fmt: skip
    wanted = "strftime(checked_in_local, '%d %H:%M'), strftime(checked_out_local, '%d %H:%M')"
    assert take(wanted, rows, columns=columns) == [("05 09:00", None), ("05 00:00", "05 12:00")]


def test_a_word_that_says_nothing_takes_nothing_from_the_other_cells(
    make_place, tmp_path, settings, collect, read, faults
) -> None:
    register = "N°;Date;Genre;Commune;Âge\n1;05/10/2026;F;80021;n/d\n2;05/10/2026;-;NC;?\n3;05/10/2026;Divers;99999;x\n"
    place = make_place(
        tmp_path,
        {"e.csv": register},
        columns={
            "record_id": "N°", "checked_in_at": "Date", "gender": "Genre",
            "home_commune": "Commune", "age_band": "Âge",
        },
        values={"gender": {"F": "feminin"}},
    )  # fmt: skip
    [report] = collect(place, settings)
    found = read(settings, "SELECT gender, home_commune FROM record.attendance ORDER BY record_id")
    assert found == [("feminin", "80021"), (None, None), (None, None)]
    assert faults(settings) == []
    assert report.doubts == {
        ("Genre", "isin"): 1, ("Commune", "unreadable_commune"): 1, ("Âge", "isin"): 1,
    }  # fmt: skip
    assert read(settings, "SELECT sum(cells), count(*) FROM ledger.doubt") == [(3, 3)]


def test_a_row_that_is_refused_leaves_no_doubt_behind(
    make_place, tmp_path, settings, collect, faults
) -> None:
    columns = {"record_id": "N°", "checked_in_at": "Arrivée", "checked_out_at": "Départ"}
    file = {"e.csv": STAYS.format("1;hier;hier soir")}
    [report] = collect(make_place(tmp_path, file, columns=columns), settings)
    assert [rule for _row, _header, rule, _mask in faults(settings)] == ["unreadable_timestamp"]
    assert report.doubts == {}


CONTRACTS = "N°;Nature;Début;Fin;Heures\n{}\n"


@pytest.mark.parametrize(
    ("kind", "end", "is_kept"),
    [
        ("CDI", "31/12/9999", True), ("CDI", "00/00/0000", True), ("CDI", "-", True),
        ("CDI", "9999-12-31", True), ("CDD", "", True), ("CDD", "31/12/9999", False),
        ("CDD", "-", False), ("CDD", "#N/A", False), ("CDI", "#REF!", False),
    ],
)  # fmt: skip
def test_no_end_is_said_in_many_ways_and_never_of_a_fixed_term_contract(
    make_place, tmp_path, settings, collect, read, kind: str, end: str, is_kept: bool
) -> None:
    place = make_place(
        tmp_path,
        {"e.csv": CONTRACTS.format(f"1;{kind};01/01/2025;{end};35")},
        feed="employment",
        columns={
            "record_id": "N°", "contract_type": "Nature", "started_on": "Début",
            "ended_on": "Fin", "weekly_minutes": "Heures",
        },
    )  # fmt: skip
    [report] = collect(place, settings)
    assert (report.loaded, report.quarantined) == ((1, 0) if is_kept else (0, 1))
    assert read(settings, "SELECT ended_on FROM record.employment") == [(None,)] * is_kept


CONTRADICTIONS = [
    ("weekly_minutes", "employment", ["1", "0,8", "0,5"], "shares of full time"),
    ("weekly_minutes", "employment", ["1,00", "0.20", "0"], "shares of full time"),
    (
        "checked_in_at",
        "attendance",
        ["25/02/2026", "10/25/2026", "26/02/2026", "10/31/2026"],
        "only be otherwise",
    ),
    (
        "home_commune",
        "attendance",
        ["80000", "02000", "60000", "59000", "33000", "35000"],
        "postal codes",
    ),
    ("headcount", "attendance", ["2.000", "1,000"], "points and by commas"),
]


@pytest.mark.parametrize(("column", "feed", "cells", "said"), CONTRADICTIONS)
def test_a_column_that_is_of_another_kind_is_refused_whole(
    make_place, tmp_path, settings, collect, read, column, feed, cells, said
) -> None:
    event = {"attendance": "checked_in_at", "employment": "started_on"}[feed]
    columns = {"record_id": "N°", event: "Jour", column: "Colonne"}
    lines = [f"{n};05/01/2026;{cell}" for n, cell in enumerate(cells, start=1)]
    place = make_place(
        tmp_path,
        {"e.csv": "N°;Jour;Colonne\n" + "\n".join(lines) + "\n"},
        feed=feed,
        columns=columns,
        constants={"contract_type": "CDI"} if feed == "employment" else {},
    )
    [report] = collect(place, settings)
    [refused] = report.refused
    assert said in refused and "'Colonne'" in refused
    assert read(settings, f"SELECT count(*) FROM record.{feed}") == [(0,)]


def test_a_column_of_postal_codes_is_known_by_its_header_even_where_they_are_also_communes(
    make_place, tmp_path, settings, collect
) -> None:
    register = "N°;Arrivée;Code Postal\n1;05/10/2026;13001\n2;05/10/2026;13002\n"
    columns = {"record_id": "N°", "checked_in_at": "Arrivée", "home_commune": "Code Postal"}
    [report] = collect(make_place(tmp_path, {"e.csv": register}, columns=columns), settings)
    assert "postal codes" in report.refused[0]


@pytest.mark.parametrize(
    ("cell", "heads"), [("2.000", 2000), ("1 250", 1250), ("1,500", 1500), ("12", 12), ("3.0", 3)]
)
def test_groups_of_three_digits_are_thousands_of_people(take, cell: str, heads: int) -> None:
    register = f"N°;Arrivée;Personnes\n1;05/10/2026;{cell}\n"
    columns = {"record_id": "N°", "checked_in_at": "Arrivée", "headcount": "Personnes"}
    assert take("headcount", register, columns=columns) == [(heads,)]


@pytest.mark.parametrize("pattern", NAIVE_FORMATS[:2], ids=["first", "second"])
def test_a_column_that_is_written_in_one_way_is_not_tried_in_those_after_it(pattern: str) -> None:
    cells = pl.Series([f"2025-02-{day:02} 14:05:12" for day in range(1, 29)])
    if "T" in pattern:
        cells = cells.str.replace(" ", "T")
    tried = []

    def counted(cells: pl.Series, way: str) -> pl.Series:
        tried.append(way)
        return read_naive(cells, way)

    assert first_that_reads(cells, NAIVE_FORMATS, counted).null_count() == 0
    assert tried == [*NAIVE_FORMATS[: NAIVE_FORMATS.index(pattern) + 1], pattern]


@pytest.mark.parametrize("zone", ["Europe/Paris", "Indian/Reunion", "America/Miquelon"])
def test_what_the_clock_of_the_place_shows_is_that_of_the_instant(zone: str) -> None:
    cells = ["2025-03-30 02:30", "2025-10-26 02:30", "2025-07-01T22:30:00Z", "03/02/2025", "x"]
    instants, shown, *_ = read_instants(pl.Series(cells), zone)
    clock = [at and at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for at in instants]
    assert shown.to_list() == clock and len(shown) == 5
