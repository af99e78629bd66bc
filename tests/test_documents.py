"""The generated documents are current, complete, and say what the program says."""

from __future__ import annotations

import re
import shutil
import typing
from pathlib import Path

import pytest

from flows.cli import main
from flows.documents import words
from flows.documents.files import documents, stale_documents
from flows.documents.methodology import PROSE, facts
from flows.publication.release import read_published
from flows.settings import PROJECT
from flows.warehouse.models import IndicatorHeader, Model, read_indicators
from schemas import CONTRACTS, codes
from schemas.record import stored_columns

INDICATORS = read_indicators(PROJECT / "sql")
METHODOLOGY = (PROJECT / "docs" / "indicators.md").read_text(encoding="utf-8")
DICTIONARY = (PROJECT / "docs" / "dictionary.md").read_text(encoding="utf-8")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What the documents are made from, with the documents."""
    for folder in ("sql", "docs", "schemas/json", "data/reference"):
        shutil.copytree(PROJECT / folder, tmp_path / folder)
    return tmp_path


def entry(model: Model) -> str:
    """The part of the methodology that is about one indicator."""
    return METHODOLOGY.partition(f'<a id="{model.id}"></a>')[2].partition('<a id="')[0]


def tables(text: str) -> list[list[list[str]]]:
    """Every Markdown table: its header and its rows, as cells."""
    found = []
    for block in re.findall(r"(?:^\|.*\|$\n?)+", text, re.MULTILINE):
        lines = [line[1:-1] for line in block.splitlines()]
        cells = [[cell.strip(" `") for cell in re.split(r"(?<!\\)\|", line)] for line in lines]
        found.append([cells[0], *cells[2:]])
    return found


def written(text: str) -> list[list[str]]:
    """A small text table of a header, as cells."""
    lines = [line for line in text.splitlines() if line.strip()]
    return [[cell.strip() for cell in line.split("|")] for line in lines]


def test_the_committed_documents_are_those_that_would_be_written() -> None:
    assert stale_documents(PROJECT) == []


def test_the_check_is_silent_where_all_is_current(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["docs", "--check", str(checkout)]) == 0
    assert capsys.readouterr().out == ""


def test_the_check_names_each_stale_and_each_missing_document_and_writes_nothing(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edited, missing = checkout / "docs" / "indicators.md", checkout / "schemas/json/employment.json"
    edited.write_text("corrected by hand", encoding="utf-8")
    missing.unlink()
    assert main(["docs", "--check", str(checkout)]) == 1
    said = capsys.readouterr().out
    assert re.findall(r"^stale: (\S+)", said, re.MULTILINE) == [
        "docs/indicators.md",
        "schemas/json/employment.json",
    ]
    assert edited.read_text(encoding="utf-8") == "corrected by hand"
    assert not missing.exists()


def test_writing_makes_stale_documents_current_again(checkout: Path) -> None:
    for path in documents(PROJECT):
        (checkout / path).unlink()
    assert main(["docs", str(checkout)]) == 0
    assert stale_documents(checkout) == []
    assert (checkout / "docs" / "indicators.md").read_text(encoding="utf-8") == METHODOLOGY


def test_a_changed_caveat_makes_the_methodology_stale(checkout: Path) -> None:
    file = checkout / "sql" / "indicators" / "visits.sql"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("staff do not count.", "the team do not count."), encoding="utf-8")
    assert stale_documents(checkout) == [
        Path("sql/judged-indicators.txt"),
        Path("docs/indicators.md"),
    ]


@pytest.mark.parametrize("model", INDICATORS.values(), ids=lambda m: m.id)
def test_an_entry_has_all_that_the_header_says_and_its_sql(model: Model) -> None:
    header, text = model.header, entry(model)
    assert isinstance(header, IndicatorHeader)
    for pair in (header.label, header.definition, header.formula):
        assert pair.fr in text
        assert pair.en in text
    for caveat in (*header.caveats.fr, *header.caveats.en):
        assert f"- {caveat}\n" in text
    assert f"version {header.version}\n" in text
    assert model.select in text.partition("<details>")[2].partition("</details>")[0]


@pytest.mark.parametrize("model", INDICATORS.values(), ids=lambda m: m.id)
def test_the_tables_of_an_entry_are_those_of_its_worked_examples(model: Model) -> None:
    assert isinstance(model.header, IndicatorHeader)
    shown = tables(entry(model).partition("### ")[2])
    stated = []
    for example in model.header.examples:
        stated += [written(text) for text in (*example.given.values(), example.expect)]
        assert f": {example.name}\n" in entry(model)
    assert shown == stated


def test_every_column_of_every_example_is_explained_in_both_languages() -> None:
    explained = {
        row[0]: row[1:3] for table in tables(METHODOLOGY.partition('<a id="')[0]) for row in table
    }
    for model in INDICATORS.values():
        assert isinstance(model.header, IndicatorHeader)
        for example in model.header.examples:
            for text in (*example.given.values(), example.expect):
                for column in written(text)[0]:
                    assert all(explained[column]), column


def test_a_column_left_out_says_what_it_then_holds() -> None:
    rows = {row[0]: row[-1] for table in tables(METHODOLOGY) for row in table if len(row) == 4}
    assert rows["headcount"] == "1"
    assert rows["role"] == "usager"
    assert rows["attendance_status"] == "present"
    assert rows["ended_on"] == ""


def test_every_status_is_explained() -> None:
    valeurs = {t.name: t for t in read_published(PROJECT / "sql" / "published")}["valeurs"]
    assert set(re.findall(r"[a-z_]+", valeurs.columns["statut"])) == set(words.STATUSES)


def test_every_key_and_every_word_of_a_header_has_words_in_both_languages() -> None:
    for key, field in IndicatorHeader.model_fields.items():
        if key not in PROSE:
            assert key in words.FACTS
            listed = [a for a in typing.get_args(field.annotation) if isinstance(a, str)]
            assert [word for word in listed if word not in words.VALUES] == []


def test_a_key_without_words_is_still_shown() -> None:
    class Longer(IndicatorHeader):
        follow_up: str = "six months"

    header = Longer.model_validate(INDICATORS["visits"].header.model_dump())
    assert "| `follow_up` | six months |" in facts(header)


def test_every_published_column_is_in_the_dictionary() -> None:
    for table in read_published(PROJECT / "sql" / "published"):
        part = DICTIONARY.partition(f"### `{table.name}`\n")[2].partition("\n###")[0]
        assert table.comment in part
        for column, comment in table.columns.items():
            assert f"| `{column}` | {comment} |" in part


@pytest.mark.parametrize("feed", CONTRACTS)
def test_every_column_of_a_feed_is_in_the_dictionary_with_its_code_list(feed: str) -> None:
    part = DICTIONARY.partition(f"### `{feed}` :")[2].partition("\n##")[0]
    rows = {row[0]: row for row in tables(part)[0][1:]}
    assert list(rows) == list(stored_columns(CONTRACTS[feed]))
    for name, column in stored_columns(CONTRACTS[feed]).items():
        assert column.description in rows[name]
        link = re.search(r"\(#(\w+)\)", rows[name][3])
        if any(check.name == "isin" for check in column.checks):
            assert link
            assert f'<a id="{link[1]}"></a>' in DICTIONARY


def test_every_code_is_in_the_dictionary_with_both_labels() -> None:
    for kind in codes.Code.__subclasses__():
        part = DICTIONARY.partition(f'<a id="{kind.__name__.lower()}"></a>')[2].partition("<a id")[
            0
        ]
        rows = tables(part)[0][1:]
        assert rows == [[str(code.value), code.fr, code.en] for code in kind]
