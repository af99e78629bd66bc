"""What a DSN says, what it only seems to say, and what `impact dsn` makes of it."""

from __future__ import annotations

import ast
import json
import random
import re
import resource
import runpy
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from flows.onboarding import dsn
from flows.onboarding.dsn import HEADERS, Refused, make_sheet
from flows.settings import PROJECT
from schemas import codes
from schemas.template import TEMPLATES
from tests.command import impact
from tests.payroll.conftest import told
from tests.payroll.dsn_text import (
    SIRET,
    Contract,
    Person,
    block,
    day,
    declared,
    envelope,
    nir,
    signalled,
)

STARTS, ENDS, HOURS, KIND = "Début", "Fin", "Durée hebdomadaire", "Nature du contrat"
EXIT, INFERRED, WHO = "Motif de sortie", "Fin déduite", "Matricule"
OTHER = "00000000000026"
TOOL = PROJECT / "flows" / "onboarding" / "dsn.py"


def month(text: str, *people: Person, **rubrics: str) -> str:
    return envelope(declared(text, [*people], **rubrics))


def one(**contract: object) -> Person:
    return Person(1, [Contract("2020-09-01", **contract)])  # type: ignore[arg-type]


# --- changes --------------------------------------------------------------------------------------


def test_a_change_of_hours_splits_a_contract_so_that_the_past_stays(rows) -> None:
    change = {"001": day("2026-02-10"), "007": "151.67"}
    found = rows(month("2026-01", one()), month("2026-02", one(quota="121.33", changes=[change])))
    assert told(found, STARTS, ENDS, HOURS) == [
        ("2020-09-01", "2026-02-09", "35h00"), ("2026-02-10", "", "28h00"),
    ]  # fmt: skip
    assert len({row[WHO] for row in found}) == 1
    assert len({row["Identifiant de l'enregistrement"] for row in found}) == 2


def test_a_change_that_is_told_late_counts_from_its_day_and_not_from_the_month_that_showed_it(
    rows,
) -> None:
    late = {"001": day("2026-01-15"), "007": "151.67"}
    found = rows(
        month("2026-01", one()), month("2026-02", one(quota="121.33")),
        month("2026-03", one(quota="121.33", changes=[late])),
    )  # fmt: skip
    assert told(found, STARTS, ENDS, HOURS) == [
        ("2020-09-01", "2026-01-14", "35h00"), ("2026-01-15", "", "28h00"),
    ]  # fmt: skip


def test_two_changes_of_one_month_stand_in_their_order(rows) -> None:
    changes = [
        {"001": day("2026-02-16"), "007": "121.33"},
        {"001": day("2026-02-02"), "007": "151.67"},
    ]
    found = rows(month("2026-02", one(quota="86.67", changes=changes)))
    assert told(found, STARTS, HOURS) == [
        ("2020-09-01", "35h00"), ("2026-02-02", "28h00"), ("2026-02-16", "20h00"),
    ]  # fmt: skip


def test_an_apprentice_who_stays_changes_scheme_and_not_contract(rows) -> None:
    apprentice = one(rubrics={"008": "65"})
    stays = one(changes=[{"001": day("2026-02-01"), "005": "65"}])
    found = rows(month("2026-01", apprentice), month("2026-02", stays))
    assert told(found, KIND, STARTS, ENDS, EXIT) == [
        ("APPRENTISSAGE", "2020-09-01", "2026-01-31", ""), ("CDI", "2026-02-01", "", ""),
    ]  # fmt: skip


def test_a_first_day_that_was_corrected_is_one_contract_with_the_right_day(rows) -> None:
    right = Contract("2020-09-15", changes=[{"001": day("2026-02-01"), "021": day("2020-09-01")}])
    found = rows(month("2026-01", one()), month("2026-02", Person(1, [right])))
    assert told(found, STARTS, ENDS) == [("2020-09-15", "")]


def test_two_contracts_of_one_day_that_swap_numbers_stay_apart_when_it_is_told(rows) -> None:
    before = [Contract("2020-09-01", "75.83", "A1001"), Contract("2020-09-01", "86.67", "A1002")]
    after = [Contract("2020-09-01", "86.67", "B1001"), Contract("2020-09-01", "75.83", "B1002")]
    for contract, number in zip(after, ("A1002", "A1001"), strict=True):
        contract.changes = [{"001": day("2026-02-01"), "014": number}]
    found = rows(month("2026-01", Person(1, before)), month("2026-02", Person(1, after)))
    assert sorted(told(found, STARTS, ENDS, HOURS)) == [
        ("2020-09-01", "", "17h30"), ("2020-09-01", "", "20h00"),
    ]  # fmt: skip


def test_an_employer_who_moves_keeps_its_contracts_under_the_new_siret(rows) -> None:
    moved = one(rubrics={"019": OTHER}, changes=[{"001": day("2026-02-01"), "012": SIRET}])
    found = rows(
        month("2026-01", one()), month("2026-02", moved, siret=OTHER),
        sirets=[OTHER], workplaces=[OTHER, SIRET],
    )  # fmt: skip
    assert told(found, STARTS, ENDS, "SIRET de l'employeur") == [("2020-09-01", "", OTHER)]


# --- ends -----------------------------------------------------------------------------------------


def left(on: str, reason: str = "059") -> dict[str, str]:
    return {"001": day(on), "002": reason}


def test_an_end_comes_from_a_signal_before_its_month_is_declared(rows) -> None:
    signal = envelope(signalled(one(end=left("2026-03-15")), "2026-03-16", 7))
    found = rows(month("2026-02", one()), signal)
    assert told(found, ENDS, EXIT, INFERRED) == [("2026-03-15", "inconnu", "")]


def test_an_end_that_was_cancelled_is_none(rows) -> None:
    signal = envelope(signalled(one(end=left("2026-02-15")), "2026-02-16", 7))
    taken_back = month("2026-03", one(end=left("2026-02-15", "099")), made="2026-04-05")
    found = rows(month("2026-02", one(), made="2026-03-05"), signal, taken_back)
    assert told(found, ENDS, EXIT) == [("", "")]


def test_a_signal_alone_is_cancelled_by_its_date_and_number(rows) -> None:
    gone = one(end=left("2026-02-15"))
    texts = [month("2026-02", one()), envelope(signalled(gone, "2026-02-16", 7))]
    cancel = envelope(signalled(gone, "2026-02-20", 8, "04", cancels=f"{day('2026-02-16')}7"))
    assert told(rows(*texts), ENDS) == [("2026-02-15",)]
    assert told(rows(*texts, cancel), ENDS) == [("",)]


def test_a_contract_that_vanishes_ends_with_its_last_month_and_says_that_it_is_inferred(
    rows,
) -> None:
    other = Person(2, [Contract("2024-01-01")])
    found = rows(month("2026-01", one(), other), month("2026-02", other))
    assert told(found, STARTS, ENDS, EXIT, INFERRED) == [
        ("2020-09-01", "2026-01-31", "inconnu", "oui"), ("2024-01-01", "", "", ""),
    ]  # fmt: skip


def test_a_month_without_anybody_ends_what_ran(rows) -> None:
    found = rows(month("2026-01", one()), month("2026-02", r002="02"))
    assert told(found, ENDS, INFERRED) == [("2026-01-31", "oui")]


def test_pay_after_the_end_does_not_prolong_a_contract(rows) -> None:
    found = rows(month("2026-01", one(end=left("2026-01-10"))), month("2026-02", one()))
    assert told(found, ENDS, INFERRED) == [("2026-01-10", "")]


@pytest.mark.parametrize(
    ("reason", "exit_"),
    [("038", "retraite"), ("039", "retraite"), ("066", "deces"), ("031", "inconnu"),
     ("059", "inconnu"), ("043", "inconnu"), ("998", ""), ("100", ""), ("777", "inconnu")],
)  # fmt: skip
def test_a_reason_says_how_it_ended_and_seldom_what_came_after(
    rows, reason: str, exit_: str
) -> None:
    found = rows(month("2026-01", one(end=left("2026-01-10", reason))))
    assert told(found, ENDS, EXIT) == [("2026-01-10", exit_)]


# --- what codes mean ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("nature", "scheme", "status", "kind"),
    [
        ("01", "99", "99", "CDI"), ("02", "99", "99", "CDD"), ("03", "99", "99", "INTERIM"),
        ("08", "99", "99", "INTERIM"), ("02", "41", "99", "PEC"), ("01", "21", "99", "CIE"),
        ("02", "71", "99", "CDDI"), ("01", "64", "99", "APPRENTISSAGE"),
        ("02", "81", "99", "APPRENTISSAGE"), ("02", "61", "99", "PROFESSIONNALISATION"),
        ("10", "99", "02", "CONTRACTUEL_PUBLIC"), ("10", "41", "02", "PEC"),
        ("50", "99", "01", "FONCTIONNAIRE"), ("50", "99", "08", "FONCTIONNAIRE"),
        ("01", "99", "02", "CONTRACTUEL_PUBLIC"), ("29", "92", "99", "STAGE"),
        ("80", "99", "99", "DIRIGEANT"), ("89", "99", "99", "SERVICE_CIVIQUE"),
        ("01", "83", "99", "CDI"), ("01", "97", "99", "CDI"),
    ],
)  # fmt: skip
def test_a_scheme_says_more_than_a_nature(
    rows, nature: str, scheme: str, status: str, kind: str
) -> None:
    found = rows(month("2026-01", one(rubrics={"007": nature, "008": scheme, "026": status})))
    assert told(found, KIND) == [(kind,)]


@pytest.mark.parametrize(
    ("unit", "quota", "reference", "time", "hours"),
    [
        ("10", "151.67", "151.67", "10", "35h00"), ("10", "0086.67", "151.67", "20", "20h00"),
        ("10", "169.00", "169.00", "10", "39h00"), ("21", "158.00", "158.00", "10", "36h28"),
        ("20", "18.17", "18.17", "10", "35h00"), ("20", "9.09", "18.17", "20", "17h31"),
        ("12", "10.00", "20.00", "20", "17h30"), ("99", "0.00", "0.00", "10", "35h00"),
        ("31", "4.00", "20.00", "10", "35h00"), ("33", "4.00", "20.00", "20", ""),
        ("36", "4.00", "20.00", "20", ""), ("10", "", "151.67", "20", ""),
    ],
)  # fmt: skip
def test_a_quota_of_a_month_becomes_hours_of_a_week_and_one_of_days_a_share_of_full_time(
    rows, unit: str, quota: str, reference: str, time: str, hours: str
) -> None:
    rubrics = {"011": unit, "012": reference, "013": quota, "014": time}
    assert told(rows(month("2026-01", one(rubrics=rubrics))), HOURS) == [(hours,)]


def test_an_officer_has_no_hours_of_a_contract(rows) -> None:
    rubrics = {"007": "80", "011": "99", "012": "0.00", "013": "0.00", "014": "99"}
    assert told(rows(month("2026-01", one(rubrics=rubrics))), KIND, HOURS) == [("DIRIGEANT", "")]


def test_the_sex_is_that_of_the_number_unless_another_is_declared(rows) -> None:
    people = [
        Person(1, [Contract("2020-01-01")], {"001": nir(1, "1")}),
        Person(2, [Contract("2020-01-02")], {"001": nir(2, "2")}),
        Person(3, [Contract("2020-01-03")], {"001": nir(3, "1"), "005": "02"}),
        Person(4, [Contract("2020-01-04")], {"001": "", "020": f"1{SIRET[:9]}4"}),
    ]
    found = told(rows(month("2026-01", *people)), "Genre")
    assert found == [("masculin",), ("feminin",), ("feminin",), ("masculin",)]


def test_what_is_unknown_is_left_out_and_counted_whatever_the_year_of_the_norm(made) -> None:
    elected = Person(2, [Contract("2024-01-01", rubrics={"007": "81"})])
    odd = Person(3, [Contract("2024-01-01", rubrics={"007": "95"})])
    new = declared("2031-01", [one(rubrics={"008": "97"}), elected, odd])
    new += block("S21.G00.99", {"001": "x"}) + block("S22.G00.01", {"001": "y"})
    hiring = declared("2031-01", [one()], r001="10")
    sheet = made(envelope(new, hiring, norm="P31V01"))
    said = "\n".join(dsn.told(sheet))
    assert "1 contract of 1 person, in 1 row" in said
    assert "2 contracts of a nature that the sheet does not have (40.007) : 81 × 1, 95 × 1" in said
    assert "2 unknown codes, left out : 40.007 95 × 1, 40.008 97 × 1" in said
    assert (
        "of another nature or a test : 10 × 1" in said
        and "S22.G00.01 × 1" in said
        and "P31V01 × 1" in said
    )


# --- which declaration stands ---------------------------------------------------------------------


def test_the_later_of_two_declarations_of_a_month_stands_whatever_their_type(rows) -> None:
    first = month("2026-01", one(quota="86.67"), made="2026-02-05", order="9")
    later = month("2026-01", one(), made="2026-02-05", order="10")
    assert told(rows(later, first), HOURS) == [("35h00",)]


def test_the_same_file_twice_changes_nothing(rows) -> None:
    text = month("2026-01", one())
    assert len(rows(text, text)) == 1


def test_two_declarations_of_one_date_and_number_that_differ_are_not_chosen_between(made) -> None:
    with pytest.raises(
        Refused, match=r"0\.dsn, 1\.dsn: two declarations of 2026-01 .* → give only"
    ):
        made(month("2026-01", one()), month("2026-01", one(quota="86.67")))


def test_a_month_in_fractions_needs_all_of_them(made, rows) -> None:
    boss, team = one(), Person(2, [Contract("2024-01-01")])
    parts = [month("2026-01", boss, r003="12"), month("2026-01", team, r003="22")]
    assert len(rows(*parts)) == 2
    with pytest.raises(Refused, match=f"{SIRET}, 2026-01: fraction 22 is missing"):
        made(parts[0])
    with pytest.raises(Refused, match="both whole and in parts"):
        made(*parts, month("2026-01", boss, team))


def test_the_farm_scheme_and_the_general_one_are_two_parts_of_a_month(rows) -> None:
    farm, general = one(), Person(2, [Contract("2024-01-01")])
    texts = [month("2026-01", farm, r008="02"), month("2026-01", general, r008="03")]
    assert len(rows(*texts)) == 2


def test_a_test_declaration_does_not_count(made) -> None:
    trial = envelope(declared("2026-01", [one()]), is_test=True)
    sheet = made(month("2025-12", one()), trial)
    assert sheet.months == ["2025-12"]
    with pytest.raises(Refused, match="no real monthly DSN"):
        made(trial)
    with pytest.raises(Refused, match="no real monthly DSN"):
        made(envelope(signalled(one(end=left("2026-01-10")), "2026-01-11", 1)))


def test_what_has_no_month_or_no_first_day_is_said(made) -> None:
    with pytest.raises(Refused, match=r"^0\.dsn: the declared month cannot be read"):
        made(month("2026-01", one(), r005="01132026"))
    for written in ("00002024", "31022024", "2024", "9" * 200, "01/01/24"):
        undated = Person(2, [Contract("2024-01-01", rubrics={"001": written})])
        said = "\n".join(dsn.told(made(month("2026-01", one(), undated))))
        assert "1 contract whose first day cannot be read" in said


# --- whose contracts ------------------------------------------------------------------------------


def town_hall() -> str:
    site = Person(2, [Contract("2024-01-01", rubrics={"019": OTHER})])
    free = Person(3, [Contract("2024-02-01", rubrics={"019": "MEDIATHEQUE"})])
    return month("2026-01", one(), site, free)


def test_several_workplaces_are_asked_about(made, rows, machine) -> None:
    with pytest.raises(Refused) as refused:
        made(town_hall(), sirets=[SIRET])
    assert refused.value.exit_code == 2
    assert f"1. {SIRET} (1 contract), 2. {OTHER} (1 contract), 3. MEDIATHEQUE" in str(refused.value)
    assert "--workplace (or --staff LIST" in str(refused.value)
    assert list(machine.glob("*.csv")) == []
    answers = iter(["9", "2 3"])
    found = rows(town_hall(), ask=lambda question: next(answers))
    assert told(found, STARTS) == [("2024-01-01",), ("2024-02-01",)]
    assert told(rows(town_hall(), workplaces=["MEDIATHEQUE"]), STARTS) == [("2024-02-01",)]
    assert told(rows(town_hall(), sirets=[OTHER]), STARTS) == [("2024-01-01",)]


def test_staff_numbers_choose_wherever_they_work(made, rows, machine) -> None:
    (machine / "fablab.txt").write_text("M1\nM3;Nom-C\n", encoding="utf-8-sig")
    found = rows(town_hall(), sirets=[SIRET], staff=machine / "fablab.txt")
    assert told(found, STARTS) == [("2020-09-01",), ("2024-02-01",)]
    (machine / "fablab.txt").write_text("Z9\n")
    with pytest.raises(Refused, match="none of these numbers is declared"):
        made(town_hall(), staff=machine / "fablab.txt")


def test_the_list_of_the_staff_tells_what_no_declaration_does(made, rows, machine) -> None:
    staff = machine / "fablab.csv"
    text = "Matricule;Nom;Commune de résidence;Poste\r\nM1;Nom-A;80021;Fab manager\r\nM3;Nom-C\r\n"
    staff.write_bytes(text.encode("cp1252"))
    found = rows(town_hall(), sirets=[SIRET], staff=staff)
    assert told(found, STARTS, "Commune de résidence", "Poste", "Nom") == [
        ("2020-09-01", "80021", "Fab manager", ""),
        ("2024-02-01", "", "", ""),
    ]
    said = "\n".join(dsn.told(made(town_hall(), sirets=[SIRET], staff=staff)))
    assert "1 row of which the list says: Commune de résidence" in said
    staff.write_text("Matricule;Commune de résidence\nM1;80021\nM1;80022\n")
    with pytest.raises(Refused, match="number M1 stands there twice, in two ways"):
        made(town_hall(), sirets=[SIRET], staff=staff)


def test_two_employers_in_one_file_are_asked_about(made, rows) -> None:
    theirs = declared("2026-01", [Person(9, [Contract("2024-05-01", rubrics={"019": "x"})])],
                      siret="11111111100018")  # fmt: skip
    text = envelope(declared("2026-01", [one()]), theirs)
    with pytest.raises(Refused, match=r"several establishments are declared: .*--siret"):
        made(text)
    assert told(rows(text, sirets=[SIRET]), STARTS) == [("2020-09-01",)]
    with pytest.raises(Refused, match="--siret: 22222222200018 is declared in none"):
        made(text, sirets=["22222222200018"])


def test_who_comes_to_the_place_later_began_there_later(rows) -> None:
    comes = one(rubrics={"019": OTHER}, changes=[{"001": day("2026-02-10"), "013": SIRET}])
    found = rows(month("2026-01", one()), month("2026-02", comes), workplaces=[OTHER])
    assert told(found, STARTS, ENDS) == [("2026-02-10", "")]


# --- months that are missing ----------------------------------------------------------------------


def test_a_month_in_which_somebody_was_employed_may_not_be_missing(made) -> None:
    with pytest.raises(
        Refused, match=f"without a monthly DSN: {SIRET}, 2026-02 → give these files"
    ):
        made(month("2026-01", one()), month("2026-03", one()))


def test_a_month_in_which_nobody_was_employed_needs_no_declaration(rows) -> None:
    summer = Person(1, [Contract("2025-06-01", end=left("2025-08-31", "031"))])
    again = Person(1, [Contract("2025-11-03")])
    texts = [month(f"2025-0{n}", summer) for n in (6, 7, 8)] + [month("2025-11", again)]
    assert told(rows(*texts), STARTS, ENDS) == [("2025-06-01", "2025-08-31"), ("2025-11-03", "")]


def test_a_sheet_that_begins_later_than_the_one_before_would_forget_and_is_refused(made) -> None:
    made(month("2026-01", one()), month("2026-02", one()))
    with pytest.raises(Refused, match=r"began with 2026-01: .* give all files since 2026-01"):
        made(month("2026-02", one()))
    assert made(month("2025-12", one()), month("2026-01", one())).months == ["2025-12", "2026-01"]


# --- files that are no DSN, or not whole ----------------------------------------------------------


WHOLE = month("2026-01", one(), Person(2, [Contract("2024-01-01")]))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "it is empty"),
        (b"\r\n\r\n", "it is empty"),
        (b"%PDF-1.7\n%\xe2\xe3\n" * 999, "it is no DSN"),
        (b"Matricule;Nom;Brut\n1;A;2\n" * 999, "it is no DSN"),
        (WHOLE.encode("latin-1")[: len(WHOLE) // 2], "it is cut: its beginning or its end"),
        (WHOLE.encode("latin-1")[: len(WHOLE) // 2] + WHOLE.encode("latin-1"), "it is cut"),
        (WHOLE.partition("S20.")[1].encode() + WHOLE.partition("S20.")[2].encode("latin-1"),
         "it is cut"),
        (WHOLE.replace("S21.G00.40.013,'151.67'", "S21.G00.40.013,151.67", 1).encode("latin-1"),
         r"it announces \d+ rubrics, \d+ can be read \(line \d+\)"),
    ],
    ids=["empty", "blank", "pdf", "csv", "cut", "cut and whole", "no beginning", "a line"],
)  # fmt: skip
def test_a_file_that_cannot_be_right_is_named_and_nothing_is_written(
    machine: Path, content: bytes, why: str
) -> None:
    (machine / "bon.dsn").write_bytes(month("2025-12", one()).encode("latin-1"))
    (machine / "faux.dsn").write_bytes(content)
    with pytest.raises(Refused, match=f"^faux.dsn: .*{why}.* → .*; nothing was written$"):
        make_sheet(["bon.dsn", "faux.dsn"], [], [], None)
    assert sorted(path.name for path in machine.iterdir()) == ["bon.dsn", "faux.dsn"]


def test_every_file_that_is_wrong_is_named_at_once(machine: Path) -> None:
    (machine / "a.dsn").write_bytes(b"")
    (machine / "b.dsn").write_bytes(b"%PDF")
    with pytest.raises(Refused) as refused:
        make_sheet(["*.dsn", "absent.dsn"], [], [], None)
    assert [line.partition(":")[0] for line in str(refused.value).splitlines()] == [
        "a.dsn", "b.dsn", "absent.dsn",
    ]  # fmt: skip


def test_a_file_with_more_people_than_memory_holds_is_refused(made, monkeypatch) -> None:
    monkeypatch.setattr(dsn, "MOST_PEOPLE", 2)
    assert made(month("2026-01", one(), Person(2))).rows
    with pytest.raises(Refused, match=r"^0\.dsn: more than 2 people → give the files of one"):
        made(month("2026-01", one(), Person(2), Person(3)))


@pytest.mark.parametrize("line", [b"\0", b"Matricule;Nom\n"])
def test_300_megabytes_that_are_no_dsn_are_refused_in_little_memory(
    machine: Path, line: bytes
) -> None:
    with (machine / "grand.dsn").open("wb") as stream:
        block_of = line * (1_000_000 // len(line))
        for _ in range(300):
            stream.write(block_of)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(Refused, match="it is no DSN"):
        make_sheet(["grand.dsn"], [], [], None)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000
    (machine / "grand.dsn").unlink()


ODD = ("", "99999999", "-5.00", "31022026", "9" * 200, "\xff", "S21.G00.40")


@pytest.mark.parametrize("seed", range(100))
def test_whatever_is_broken_is_read_or_refused_in_words_and_names_nobody(made, seed: int) -> None:
    chance = random.Random(seed)
    gone = one(quota="86.67", changes=[{"001": day("2026-02-03"), "007": "151.67"}])
    lines = (WHOLE + month("2026-02", gone)).split("\r\n")
    for _ in range(chance.randint(1, 4)):
        at, other = chance.randrange(len(lines) - 1), chance.randrange(len(lines) - 1)
        head, _quote, _value = lines[at].partition("'")
        lines[at : at + 1] = chance.choice((
            [], [lines[other]], [lines[at]] * 2, [f"{head}'{chance.choice(ODD)}'"], [head],
        ))  # fmt: skip
    text = re.sub(r"(S90\.G00\.90\.001),'\d+'", r"\1,'1'", "\r\n".join(lines))
    try:
        sheet = made(text)
    except Refused as refused:
        written = str(refused)
        assert "→" in written
    else:
        written = sheet.file.read_text(encoding="utf-8-sig") + "\n".join(dsn.told(sheet))
    assert not re.search(r"NOM-|8013750", written)


def test_a_batch_with_blocks_of_an_editor_is_read(made) -> None:
    head = "S05.G51.00.001,'V01R02'\r\nS06.G51.00.001,'DSNOK'\r\n"
    editor = block("S20.G00.96", {"902": "1"})
    first = envelope(declared("2026-01", [one()]) + editor)
    sheet = made(head + first + month("2026-02", one()))
    assert sheet.months == ["2026-01", "2026-02"]
    assert "S05.G51.00 × 1, S06.G51.00 × 1, S20.G00.96 × 1" in "\n".join(dsn.told(sheet))


# --- the sheet, the key, the command --------------------------------------------------------------


def test_the_sheet_is_that_of_the_kit() -> None:
    template = TEMPLATES["emplois"]
    kit = {*template.headers().values(), *template.identity().values()}
    assert {*HEADERS.values()} - kit == {"Fin déduite"} and kit <= {*HEADERS.values()}
    kinds = {*dsn.NATURES.values(), *dsn.SCHEMES.values(), *dsn.STATUSES.values()} - {None}
    assert kinds <= {*codes.ContractType.values()}
    assert {*dsn.REASONS.values()} - {""} <= {*codes.ExitReason.values()}
    assert {*dsn.SEXES.values()} <= {*codes.Gender.values()}


def test_codes_stay_the_same_under_the_key_which_its_owner_alone_can_read(rows, made) -> None:
    first = rows(month("2026-01", one()))
    assert rows(month("2026-01", one()), month("2026-02", one()))[0][WHO] == first[0][WHO]
    key = made(month("2026-01", one())).key_file
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert key.parent.parent == Path.home()
    key.unlink()
    assert rows(month("2026-01", one()))[0][WHO] != first[0][WHO]


def test_another_choice_at_the_same_employer_says_that_its_codes_are_others(rows, made) -> None:
    first = rows(town_hall(), workplaces=[SIRET])
    sheet = made(town_hall(), workplaces=[SIRET, OTHER])
    assert f"other choices have theirs ({SIRET}.json)" in "\n".join(dsn.told(sheet))
    sheet.key_file.write_bytes(sheet.key_file.with_name(f"{SIRET}.json").read_bytes())
    again = rows(town_hall(), workplaces=[SIRET, OTHER])
    assert {row[WHO] for row in first} < {row[WHO] for row in again}
    assert "a new key" not in "\n".join(dsn.told(made(town_hall(), workplaces=[SIRET, OTHER])))


def test_no_two_choices_share_a_sheet_or_a_key(made) -> None:
    choices: list[list[str]] = [[SIRET], [OTHER], [SIRET, OTHER], ["MEDIATHEQUE"]]
    sheets = [made(town_hall(), sirets=[SIRET], workplaces=places) for places in choices]
    assert len({sheet.file for sheet in sheets}) == len({sheet.key_file for sheet in sheets}) == 4
    assert sheets[0].file.name == f"emplois-{SIRET}-2026-01-01-2026-01-31.csv"
    assert made(town_hall(), workplaces=[OTHER, SIRET], sirets=[SIRET]).file == sheets[2].file


def test_the_order_of_the_rows_does_not_tell_who_is_older(rows) -> None:
    people = [Person(n, [Contract("2020-09-01")]) for n in range(1, 21)]
    codes_in_order = [row[WHO] for row in rows(month("2026-01", *people))]
    assert codes_in_order == sorted(codes_in_order)


def test_a_key_that_cannot_be_read_stops_before_people_get_other_codes(made) -> None:
    key = made(month("2026-01", one())).key_file
    for broken in ("", "[]", json.dumps({"key": "zz"})):
        key.write_text(broken)
        with pytest.raises(Refused, match="cannot be opened"):
            made(month("2026-01", one()))
        assert key.read_text() == broken


def test_the_file_runs_alone_and_names_nobody(machine: Path) -> None:
    """Handed over, with nothing but Python beside it."""
    text = month("2026-01", Person(1, [Contract("2020-09-01")])) + month("2026-02", one())
    (machine / "m.dsn").write_bytes(text.encode("latin-1"))
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(TOOL), "m.dsn", "--siret", SIRET],
        capture_output=True, text=True, check=False, encoding="utf-8",
        env={"HOME": str(Path.home()), "PYTHONUTF8": "1", "LANG": "fr_FR.UTF-8"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "1 contrat de 1 personne, en 1 ligne" in done.stdout
    written = done.stdout + next(machine.glob("emplois-*.csv")).read_text(encoding="utf-8-sig")
    written += next((Path.home() / ".impact-dsn").iterdir()).read_text()
    for secret in (nir(1), "NOM-1", "1 RUE INVENTEE", "2345", "M1", "80000", "ANIMATEUR"):
        assert secret not in written


def test_an_older_python_is_told_so_in_words(monkeypatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 18))
    with pytest.raises(SystemExit, match=r"Python 3\.11 or newer is needed → install"):
        runpy.run_path(dsn.__file__)


def test_the_file_needs_the_standard_library_alone() -> None:
    names = {
        alias.split(".")[0]
        for node in ast.walk(ast.parse(TOOL.read_text(encoding="utf-8")))
        for alias in (
            [node.module or ""] if isinstance(node, ast.ImportFrom)
            else [a.name for a in node.names] if isinstance(node, ast.Import) else []
        )
    }  # fmt: skip
    assert names <= {*sys.stdlib_module_names}


def test_the_command_says_what_it_left_out_and_refuses_with_a_code(machine: Path) -> None:
    (machine / "m.dsn").write_bytes(town_hall().encode("latin-1"))
    asked = impact("dsn", "m.dsn", "--siret", SIRET, IMPACT_LANG="fr")
    assert asked.returncode == 2 and "plusieurs lieux de travail sont déclarés" in asked.stderr
    done = impact("dsn", "m.dsn", "--workplace", SIRET, IMPACT_LANG="en")
    assert done.returncode == 0, done.stderr
    assert f"Written: emplois-{SIRET}-2026-01-01-2026-01-31.csv" in done.stdout
    (machine / "m.dsn").write_bytes(b"")
    assert impact("dsn", "m.dsn").returncode == 3
