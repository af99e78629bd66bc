"""The kit for places: spreadsheets to fill in, made from the contracts, and texts to adapt."""

import io
from datetime import datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from flows.language import N_, _
from schemas import FEEDS
from schemas.template import HELP_SHEET, IDENTITY_HEADERS, TEMPLATES, VERSION_MARK, Template

MADE_AT = datetime(2026, 1, 1)
"""A date of their own would make two equal workbooks differ."""
ROWS_WITH_LISTS = 5000
COLUMN_WIDTH = 18
HOW_TO_WRITE = {
    "code": N_("a word of the list"),
    "identifier": N_("a number of your own, never the same twice: 2026-001"),
    "timestamp": N_("date and time: 03/02/2026 14:05"),
    "date": N_("date: 03/02/2026"),
    "integer": N_("whole number: 12"),
    "decimal": N_("number: 1,5"),
    "minutes": N_("duration: 90 (minutes) or 1h30"),
    "week_hours": N_("hours a week: 35 or 17,5"),
    "euros": N_("amount in euros: 12,50"),
    "commune": N_("INSEE code of five characters: 02676"),
    "siret": N_("fourteen digits"),
}
EXAMPLES = {
    "identifier": "2026-001",
    "timestamp": "03/02/2026 14:05",
    "date": "03/02/2026",
    "integer": "1",
    "decimal": "1,5",
    "minutes": "90",
    "week_hours": "35",
    "euros": "12,50",
    "commune": "02676",
}
RULES = (
    N_("Fill in the first sheet. Change neither its name nor the titles of the columns."),
    N_("Columns in bold are required; leave the others empty rather than guess."),
    N_("Keep the number of a row when you correct it: the new one replaces the old."),
    N_("Add no total, no subtitle and no comment: nothing but rows."),
    N_(
        "Last name, first name, e-mail and birth date serve to count everybody once: they become "
        "a code, and the received file is deleted after 90 days at the latest."
    ),
)
VISITOR_NOTICE = N_("""\
# Information for visitors (to adapt)

Our place counts visits to give account to those who fund it.

- **What is noted**: your visit or the service given and, if you agree: {asked}.
- **If you say who you are** ({identity}): it becomes a code, which serves to count you only once.
  The received file is deleted after 90 days at the latest.
- **What is published**: totals, in which nobody can be recognised.
- **Nothing is required**: you can come without saying anything of yourself.
- **Your rights**: access, correction, deletion and objection, from [contact of the place];
  complaints to the CNIL.

Responsible for the processing: [name of the place]. Legal basis: [legitimate interest or task in
the public interest, to be stated]. Kept for: [to be stated].
""")
DATA_AGREEMENT = N_("""\
# Data agreement between a place and its network (to adapt)

Between [the place], which keeps the registers, and [the network], which computes the indicators.

## What the place hands over

{sheets}

## What the network does with it

- It replaces identities by a code before anything is stored; the key is that of the place alone.
- It deletes received files after 30 days, or 90 as long as a row is left to correct.
- It tells the place of each refused row, with the reason, without copying what it says.
- It publishes aggregates alone and hides small numbers.
- It hands neither rows nor codes to anybody.

## What each keeps

- The place stays responsible for informing its visitors and for the exactness of its registers.
- The network keeps the key and the warehouse safe, and reports any incident within 72 hours.
- Each may end this agreement with a notice of [duration]. The records of the place are then
  deleted; figures that are already published stay.
""")


def write_kit(folder: Path) -> list[Path]:
    """The four spreadsheets and the two texts; what is there under these names is replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    contents = {f"{name}.xlsx": workbook(name, template) for name, template in TEMPLATES.items()}
    contents["information-visiteurs.md"] = visitor_notice().encode()
    contents["convention-donnees.md"] = data_agreement().encode()
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in contents]


def workbook(name: str, template: Template) -> bytes:
    """A sheet to fill in with drop-down lists, one that explains it, and one with the lists."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        book.set_properties({"title": _(template.purpose), "created": MADE_AT})
        sheet, help_, lists = (
            book.add_worksheet(title) for title in (template.sheet, HELP_SHEET, _("Lists"))
        )
        required = book.add_format({"bold": True, "bottom": 1})
        optional = book.add_format({"bottom": 1})
        text = book.add_format({"num_format": "@"})
        headers = [(header, None) for header in template.identity().values()]
        headers += [(str(c.title), c) for c in template.columns().values()]
        for position, (header, column) in enumerate(headers):
            is_required = column is not None and not column.nullable
            sheet.write(0, position, header, required if is_required else optional)
            sheet.set_column(position, position, max(COLUMN_WIDTH, len(header) + 2), text)
        sheet.freeze_panes(1, 0)
        for page in (sheet, help_):
            page.set_landscape()
            page.fit_to_pages(1, 0)
        add_lists(book, sheet, lists, template, first=len(template.identity()))
        explain(book, help_, template, name)
    return content.getvalue()


def add_lists(book: Any, sheet: Any, lists: Any, template: Template, first: int) -> None:
    """Closed lists as drop-downs, each pointing at a column of the last sheet."""
    words = template.words()
    for position, name in enumerate(words):
        letters = xlsxwriter.utility.xl_col_to_name(position)
        lists.write(0, position, template.headers()[name], book.add_format({"bold": True}))
        lists.write_column(1, position, list(words[name]))
        lists.set_column(position, position, COLUMN_WIDTH)
        at = first + template.fields.index(name)
        last = len(words[name]) + 1
        sheet.data_validation(
            1, at, ROWS_WITH_LISTS, at,
            {
                "validate": "list",
                "source": f"={lists.name}!${letters}$2:${letters}${last}",
                "error_title": _("Not in the list"),
                "error_message": _("Choose a word of the list."),
            },
        )  # fmt: skip


def explain(book: Any, sheet: Any, template: Template, name: str) -> None:
    """What the sheet is for, the rules, one line a column with how to write it, its version."""
    bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True})
    sheet.set_column(0, 0, 30, wrapped)
    sheet.set_column(1, 2, 60, wrapped)
    sheet.write(0, 0, _(template.purpose), bold)
    for row, rule in enumerate(RULES, start=1):
        sheet.merge_range(row, 0, row, 2, _(rule), wrapped)
        sheet.set_row(row, 30)
    row = len(RULES) + 2
    for position, title in enumerate((_("Column"), _("How to write it"), _("Example"))):
        sheet.write(row, position, title, bold)
    for line, cells in enumerate(explanations(template), start=row + 1):
        for position, cell in enumerate(cells):
            sheet.write_string(line, position, cell)
    sheet.write_string(line + 2, 0, f"{VERSION_MARK}{name} {template.version()}")


def explanations(template: Template) -> list[tuple[str, str, str]]:
    """Header, how to write it, and an example, for each column of the sheet."""
    lines = [
        (header, _("optional; serves to recognise a person from one visit to the next"), "")
        for header in template.identity().values()
    ]
    words = template.words()
    for name, column in template.columns().items():
        kind = column.metadata["kind"]
        example = next(iter(words[name])) if name in words else EXAMPLES.get(kind, "")
        need = _("optional") if column.nullable else _("required")
        lines.append(
            (
                str(column.title),
                _("{need}; {how}").format(need=need, how=_(HOW_TO_WRITE[kind])),
                example,
            )
        )
    return lines


def visitor_notice() -> str:
    """What visitors are told, with the data that the sheets really ask for."""
    asked = sorted(
        {
            str(column.title).lower()
            for template in TEMPLATES.values()
            if not FEEDS[template.feed].lasts
            for column in template.columns().values()
            if column.metadata["personal"] != "none"
        }
    )
    return _(VISITOR_NOTICE).format(
        asked=", ".join(asked), identity=", ".join(IDENTITY_HEADERS.values()).lower()
    )


def data_agreement() -> str:
    """What a place and its network agree on, with the sheets that are handed over."""
    sheets = "\n".join(
        _("- **{sheet}**: {purpose}").format(sheet=t.sheet, purpose=_(t.purpose))
        for t in TEMPLATES.values()
    )
    return _(DATA_AGREEMENT).format(sheets=sheets)
