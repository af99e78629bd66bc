"""`docs/indicators.md`: every indicator for readers who know no SQL, with examples to check."""

from datetime import timedelta
from typing import Any

from flows.documents import words
from flows.documents.dictionary import default_text
from flows.documents.introductions import GIVEN, READING, STATUS, THEN, TITLE, WORLD
from flows.documents.markdown import bullets, code, table
from flows.documents.table_schemas import KINDS
from flows.documents.words import Words
from flows.places import Place, commune_index
from flows.warehouse.examples import AS_OF, FIRST_DAY, read_table, world
from flows.warehouse.models import FEED_TABLES, Example, IndicatorHeader, Model
from schemas import CONTRACTS
from schemas.codes import Code
from schemas.record import stored_columns

PROSE = ("label", "definition", "formula", "caveats", "version", "examples")
"""Keys of a header that are not lines of the table of facts."""
NOT_AS_COUNTED = ("minutes", "week_hours", "euros")
"""Kinds of columns whose unit must be said: minutes, not hours; cents, not euros."""


def methodology(indicators: list[Model]) -> str:
    """The whole document; the indicators keep their order."""
    parts = [TITLE, contents(indicators), READING.fr, READING.en]
    parts += [world_of_examples(), given_columns(indicators), result_columns(indicators)]
    parts += [entry(model) for model in indicators]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def header_of(model: Model) -> IndicatorHeader:
    assert isinstance(model.header, IndicatorHeader)
    return model.header


def contents(indicators: list[Model]) -> str:
    """One line an indicator, which leads to its entry."""
    rows = []
    for model in indicators:
        header = header_of(model)
        link = f"[{header.label.fr}](#{model.id})"
        rows.append((link, header.label.en, code(model.id), *words_of("unit", header.unit)))
    return table(("Indicateur", "Indicator", "Identifiant · Id", "Unité", "Unit"), rows)


def world_of_examples() -> str:
    dates = WORLD.format(
        first_day=FIRST_DAY.isoformat(), last_day=(AS_OF.date() - timedelta(1)).isoformat()
    )
    header = ["Lieu · Place", "Commune", "EPCI", "Département", "Ouvert le · Opened on"]
    rows = [place_row(place) for place in world()]
    return f"{dates}\n\n{table([*header, 'Offre', 'Offers'], rows)}"


def place_row(place: Place) -> tuple[str, ...]:
    name, departement, epci = commune_index()[place.commune_code]
    opened = place.opened_on.isoformat() if place.opened_on else "pas encore · not yet"
    return (
        code(place.id), f"{name} ({place.commune_code})", code(f"epci:{epci}"),
        code(f"departement:{departement}"), opened, *words_of("services", place.services),
    )  # fmt: skip


def given_columns(indicators: list[Model]) -> str:
    """Every column that an example writes, or that counts with its default where it does not."""
    given = [text for example in examples_of(indicators) for text in example.given.values()]
    defaults = contract_defaults()
    names = dict.fromkeys([*columns_of(given), *defaults])
    rows = [(code(name), *column_words(name), code(defaults.get(name, ""))) for name in names]
    header = ("Colonne · Column", "Ce que c'est", "What it is", "Si elle manque · If left out")
    return f"{GIVEN}\n\n{table(header, rows)}"


def examples_of(indicators: list[Model]) -> list[Example]:
    return [example for model in indicators for example in header_of(model).examples]


def columns_of(tables: list[str]) -> list[str]:
    """The columns of some small text tables, each once, in the order in which they come."""
    return list(dict.fromkeys(name for text in tables for name in read_table(text).columns))


def column_words(name: str) -> Words:
    """What a column of a given table is: as its contract says, else as `words.COLUMNS` says."""
    for contract in CONTRACTS.values():
        declared = stored_columns(contract).get(name)
        if declared is not None:
            said = declared.metadata
            fr = f"{declared.title}. {said['description_fr']}"
            if said["kind"] not in NOT_AS_COUNTED:
                return Words(fr, declared.description)
            return Words(
                f"{fr} {KINDS[said['kind']][1]}", f"{declared.description} Kept in {said['unit']}."
            )
    return words.COLUMNS.get(name, Words("", ""))


def contract_defaults() -> dict[str, str]:
    """Column → what it holds where an example does not write it."""
    texts = {
        name: default_text(column)
        for contract in CONTRACTS.values()
        for name, column in stored_columns(contract).items()
    }
    return {name: text for name, text in texts.items() if text}


def result_columns(indicators: list[Model]) -> str:
    """The columns that the expected tables use, and what each status means."""
    names = columns_of([example.expect for example in examples_of(indicators)])
    columns = table(
        ("Colonne · Column", "Ce que c'est", "What it is"),
        [(code(name), *words.RESULTS.get(name, Words("", ""))) for name in names],
    )
    statuses = table(
        ("Statut · Status", "Ce que cela veut dire", "What it means"),
        [(code(name), *said) for name, said in words.STATUSES.items()],
    )
    return f"{THEN}\n{columns}\n\n{STATUS}\n{statuses}"


def entry(model: Model) -> str:
    """One indicator: words, facts, examples, and its SQL folded away."""
    header = header_of(model)
    parts = [
        f'<a id="{model.id}"></a>\n\n## {header.label.fr} · {header.label.en}',
        f"{code(model.id)}, version {header.version}",
        f"**Définition.** {header.definition.fr}",
        f"**Formule.** {header.formula.fr}",
        f"**Limites.**\n\n{bullets(header.caveats.fr)}",
        f"**Definition.** {header.definition.en}",
        f"**Formula.** {header.formula.en}",
        f"**Caveats.**\n\n{bullets(header.caveats.en)}",
        facts(header),
        *[worked_example(n, example) for n, example in enumerate(header.examples, start=1)],
        f"<details>\n<summary>SQL</summary>\n\n```sql\n{model.select}\n```\n\n</details>",
    ]
    return "\n\n".join(parts)


def facts(header: IndicatorHeader) -> str:
    """What else the header says; a key that has no words yet is shown by its name."""
    rows = []
    for key in type(header).model_fields:
        if key not in PROSE:
            label = words.FACTS.get(key, Words(code(key), code(key)))
            said = words_of(key, getattr(header, key))
            rows.append((label.fr, said.fr, label.en, said.en))
    return table(("", "Français", "", "English"), rows)


def words_of(key: str, value: Any) -> Words:
    """A value of a header in both languages."""
    if isinstance(value, bool):
        return (words.YES if key == "counts_people" else words.YES_PLAIN) if value else words.NO
    if isinstance(value, dict):
        value = [f"{code(name)} : {', '.join(map(code, codes))}" for name, codes in value.items()]
    if isinstance(value, list):
        each = [words_of(key, one) for one in value]
        joined = Words(", ".join(w.fr for w in each), ", ".join(w.en for w in each))
        return joined if each else words.NOTHING.get(key, words.NONE)
    if isinstance(value, Code):
        return Words(value.fr, value.en)
    if isinstance(value, int) and key.endswith("_days"):
        days = Words(words.DAYS.fr.format(n=value), words.DAYS.en.format(n=value))
        return days if value else words.NO_DAYS
    plain = str(value)
    return words.VALUES.get(plain, Words(plain, plain))


def worked_example(number: int, example: Example) -> str:
    """The given tables and what follows from them."""
    parts = [f"### Exemple · Example {number}: {example.name}"]
    for name, text in example.given.items():
        rows = words.TABLES.get(name, Words(code(name), code(name)))
        parts += [f"Étant donné · Given: {rows.fr} · {rows.en}", shown(text)]
    if not set(example.given) & set(FEED_TABLES):
        parts.append("Étant donné · Given: rien · nothing")
    parts += ["Alors · Then", shown(example.expect)]
    return "\n\n".join(parts)


def shown(text: str) -> str:
    """A small text table of an example, as Markdown."""
    cells = read_table(text)
    rows = [[cell or "" for cell in row] for row in cells.iter_rows()]
    return table([code(name) for name in cells.columns], rows)
