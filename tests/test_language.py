"""What a user reads is in one catalogue, whole in French and English, and the right one is taken."""

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Message
from babel.messages.mofile import read_mo

from flows.language import LANGUAGES, LOCALE, language_of
from flows.settings import PROJECT
from tests.command import impact, python
from tests.messages import MO, PO, said, stored

SOURCES = sorted([*PROJECT.glob("flows/**/*.py"), *PROJECT.glob("schemas/*.py")])
MARKS = {"_": 1, "N_": 1, "ngettext": 2}
"""How many sentences each mark takes."""
MESSAGES = [message for message in stored() if message.id]


def fields(text: str) -> set[str]:
    """Names of what is put into a sentence: `{name}`, `{name!r}`, `%(name)s`."""
    named = {field for _, field, _, _ in string.Formatter().parse(text) if field is not None}
    return named | {part.partition(")")[0] for part in text.split("%(")[1:]}


def marked() -> Iterator[tuple[Path, ast.expr]]:
    """Every sentence that is given to a mark, and its file."""
    for file in SOURCES:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in MARKS:
                for argument in node.args[: MARKS[node.func.id]]:  # type: ignore[attr-defined]
                    yield file, argument


def forms(said: str | tuple[str, ...]) -> tuple[str, ...]:
    return (said,) if isinstance(said, str) else tuple(said)


def test_the_catalogue_has_every_message_of_the_source_and_no_other() -> None:
    assert {message.id for message in MESSAGES} == {message for _, message in said()}, (
        "make messages"
    )


def test_every_message_has_a_french_sentence_with_the_same_values() -> None:
    wrong = {forms(message.id)[0]: fault for message in MESSAGES for fault in faults(message)}
    assert MESSAGES
    assert wrong == {}


def faults(message: Message) -> Iterator[str]:
    """What is not right with the French of a message."""
    english, french = forms(message.id), forms(message.string)
    if not all(french):
        yield "not translated"
        return
    if message.fuzzy:
        yield "fuzzy"
    if fields(french[-1]) != fields(english[-1]):
        yield f"other values: {french[-1]}"
    for form in french:
        if not fields(form) <= set().union(*map(fields, english)):
            yield f"values that English does not have: {form}"
        if form.endswith("\n") != english[0].endswith("\n"):
            yield f"another end of line: {form}"


@pytest.mark.parametrize(
    ("french", "said"),
    [
        ("", "not translated"),
        (("un lieu", ""), "not translated"),
        (("un lieu", "{number} lieux"), "other values: {number} lieux"),
        (("{number} lieu", "{count} lieux"), "values that English does not have: {number} lieu"),
        (("un lieu\n", "{count} lieux"), "another end of line: un lieu\n"),
    ],
)
def test_a_french_sentence_that_says_something_else_is_found(french: Any, said: str) -> None:
    message = Message(("one place", "{count} places"), french)
    assert said in [*faults(message)]
    assert [*faults(Message(message.id, ("un lieu", "{count} lieux")))] == []


def test_the_compiled_catalogue_is_that_of_its_source() -> None:
    with MO.open("rb") as stream:
        compiled = {forms(m.id): forms(m.string) for m in read_mo(stream) if m.id}
    assert compiled == {forms(m.id): forms(m.string) for m in MESSAGES}, "make messages"


def test_a_catalogue_is_there_for_each_language_but_that_of_the_source() -> None:
    assert {folder.name for folder in LOCALE.iterdir()} == {*LANGUAGES} - {"en"}
    assert PO.is_relative_to(LOCALE)


def test_every_mark_is_found_wherever_it_stands() -> None:
    """What is marked inside an f-string is not found by the extraction."""
    known = {form for _, message in said() for form in forms(message)}
    for file, argument in marked():
        if isinstance(argument, ast.Constant):
            assert argument.value in known, f"{file.name}:{argument.lineno}"


def test_what_is_marked_is_a_sentence_that_stands_there() -> None:
    """A sentence put together before it is looked up is in no catalogue."""
    for file, argument in marked():
        is_put_together = isinstance(argument, ast.JoinedStr | ast.BinOp)
        assert not is_put_together, f"{file.relative_to(PROJECT)}:{argument.lineno}"


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "fr"),
        ({"IMPACT_LANG": "en", "LC_ALL": "fr_FR.UTF-8"}, "en"),
        ({"IMPACT_LANG": "fr", "LANG": "en_GB.UTF-8"}, "fr"),
        ({"IMPACT_LANG": "", "LANG": "en_GB.UTF-8"}, "en"),
        ({"LANG": "en"}, "en"),
        ({"LC_ALL": "fr_BE@euro", "LC_MESSAGES": "en_GB", "LANG": "en_GB"}, "fr"),
        ({"LC_MESSAGES": "en_GB.UTF-8", "LANG": "fr_FR.UTF-8"}, "en"),
        ({"LC_ALL": "", "LANG": "en_US.UTF-8"}, "en"),
        ({"LC_ALL": "C.UTF-8", "LANG": "en_US.UTF-8"}, "fr"),
        ({"LANG": "eno_XX"}, "fr"),
        ({"LANG": "de_DE.UTF-8"}, "fr"),
    ],
)
def test_the_language_is_that_of_impact_lang_else_of_the_locale_else_french(
    environment: dict[str, str], language: str
) -> None:
    assert language_of(environment) == language
    heading = {"fr": "Utilisation :", "en": "Usage:"}[language]
    assert impact("--help", **environment).stdout.startswith(heading)


def test_a_language_that_is_not_there_is_refused_with_those_that_are() -> None:
    done = impact("status", IMPACT_LANG="de", LANG="en_GB.UTF-8")
    assert done.returncode == 2
    assert done.stderr == (
        "impact: IMPACT_LANG: there are no messages in the language 'de' → write one of: fr, en\n"
    )


def test_every_line_of_every_help_is_french_in_french() -> None:
    """What both languages say alike is names alone: options, codes, and words in capitals."""
    helps = {language: all_helps(language) for language in LANGUAGES}
    assert len(helps["fr"]) > 100
    for line in {*helps["fr"]} & {*helps["en"]}:
        words = re.sub(r"-[-\w]+,?|\[[\w|:= -]*\]\.*|[A-Z_]{2,}", "", line)
        assert words.strip() == "", line


def all_helps(language: str) -> list[str]:
    """The lines of `--help` of the command and of each inside it."""
    code = (
        "import click; from flows.cli import impact; context = click.Context(impact, terminal_width=999); "
        "print(impact.get_help(context), *(inner.get_help(click.Context(inner, context, name, terminal_width=999)) "
        "for name, inner in impact.commands.items()), sep='\\n')"
    )
    return python(code, IMPACT_LANG=language).stdout.splitlines()
