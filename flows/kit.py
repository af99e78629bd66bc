"""The kit for places: spreadsheets to fill in, made from the contracts, and texts to adapt."""

import io
from datetime import datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from schemas.template import IDENTITY_HEADERS, TEMPLATES, Template

MADE_AT = datetime(2026, 1, 1)
"""A date of their own would make two equal workbooks differ."""
ROWS_WITH_LISTS = 5000
COLUMN_WIDTH = 18
HOW_TO_WRITE = {
    "code": "un mot de la liste",
    "identifier": "un numéro à vous, jamais deux fois le même : 2026-001",
    "timestamp": "date et heure : 03/02/2026 14:05",
    "date": "date : 03/02/2026",
    "integer": "nombre entier : 12",
    "decimal": "nombre : 1,5",
    "minutes": "durée : 90 (minutes) ou 1h30",
    "week_hours": "heures par semaine : 35 ou 17,5",
    "euros": "montant en euros : 12,50",
    "commune": "code INSEE à cinq caractères : 02676",
    "siret": "quatorze chiffres",
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
    "Remplissez la première feuille. Ne changez ni son nom ni les titres des colonnes.",
    "Les colonnes en gras sont obligatoires ; laissez les autres vides plutôt que de deviner.",
    "Gardez le numéro d'une ligne quand vous la corrigez : la nouvelle remplace l'ancienne.",
    "N'ajoutez ni total, ni sous-titre, ni commentaire : rien d'autre que des lignes.",
    "Nom, prénom, courriel et date de naissance servent à ne compter chacun qu'une fois : "
    "ils deviennent un code, et le fichier reçu est effacé au plus tard 90 jours après.",
)


def write_kit(folder: Path) -> list[Path]:
    """The four spreadsheets and the two texts; what is there under these names is replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    contents = {f"{name}.xlsx": workbook(template) for name, template in TEMPLATES.items()}
    contents["information-visiteurs.md"] = visitor_notice().encode()
    contents["convention-donnees.md"] = data_agreement().encode()
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in contents]


def workbook(template: Template) -> bytes:
    """A sheet to fill in with drop-down lists, one that explains it, and one with the lists."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        book.set_properties({"title": template.purpose, "created": MADE_AT})
        sheet, help_, lists = (
            book.add_worksheet(name) for name in (template.sheet, "Mode d'emploi", "Listes")
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
        explain(book, help_, template)
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
                "source": f"=Listes!${letters}$2:${letters}${last}",
                "error_title": "Pas dans la liste",
                "error_message": "Choisissez un mot de la liste.",
            },
        )  # fmt: skip


def explain(book: Any, sheet: Any, template: Template) -> None:
    """What the sheet is for, the rules, and one line a column with how to write it."""
    bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True})
    sheet.set_column(0, 0, 30, wrapped)
    sheet.set_column(1, 2, 60, wrapped)
    sheet.write(0, 0, template.purpose, bold)
    for row, rule in enumerate(RULES, start=1):
        sheet.merge_range(row, 0, row, 2, rule, wrapped)
        sheet.set_row(row, 30)
    row = len(RULES) + 2
    for position, title in enumerate(("Colonne", "Comment l'écrire", "Exemple")):
        sheet.write(row, position, title, bold)
    for line, cells in enumerate(explanations(template), start=row + 1):
        for position, cell in enumerate(cells):
            sheet.write_string(line, position, cell)


def explanations(template: Template) -> list[tuple[str, str, str]]:
    """Header, how to write it, and an example, for each column of the sheet."""
    lines = [
        (header, "facultatif ; sert à reconnaître une personne d'une venue à l'autre", "")
        for header in template.identity().values()
    ]
    words = template.words()
    for name, column in template.columns().items():
        kind = column.metadata["kind"]
        example = next(iter(words[name])) if name in words else EXAMPLES.get(kind, "")
        need = "facultatif" if column.nullable else "obligatoire"
        lines.append((str(column.title), f"{need} ; {HOW_TO_WRITE[kind]}", example))
    return lines


def visitor_notice() -> str:
    """What visitors are told, with the data that the sheets really ask for."""
    asked = sorted(
        {
            str(column.title).lower()
            for template in TEMPLATES.values()
            if template.feed != "employment"
            for column in template.columns().values()
            if column.metadata["personal"] != "none"
        }
    )
    return f"""# Information des visiteurs (à adapter)

Notre lieu compte les venues pour rendre compte à ceux qui le financent.

- **Ce qui est noté** : votre venue ou le service rendu et, si vous le voulez bien :
  {", ".join(asked)}.
- **Si vous donnez votre identité** ({", ".join(IDENTITY_HEADERS.values()).lower()}) : elle devient
  un code, qui sert à ne vous compter qu'une fois. Le fichier reçu est
  effacé au plus tard 90 jours après.
- **Ce qui est publié** : des totaux, dans lesquels personne n'est reconnaissable.
- **Rien n'est obligatoire** : vous pouvez venir sans rien dire de vous.
- **Vos droits** : accès, rectification, effacement, opposition, auprès de [contact du lieu] ;
  réclamation auprès de la CNIL.

Responsable du traitement : [nom du lieu]. Base légale : [intérêt légitime ou mission d'intérêt
public, à préciser]. Durée de conservation : [à préciser].
"""


def data_agreement() -> str:
    """What a place and its network agree on, with the sheets that are handed over."""
    sheets = "\n".join(f"- **{t.sheet}** : {t.purpose}" for t in TEMPLATES.values())
    return f"""# Convention de données entre un lieu et son réseau (à adapter)

Entre [le lieu], qui tient les registres, et [le réseau], qui calcule les indicateurs.

## Ce que le lieu transmet

{sheets}

## Ce que le réseau en fait

- Il remplace les identités par un code avant tout enregistrement ; la clé est propre au lieu.
- Il efface les fichiers reçus 30 jours après, ou 90 tant qu'une ligne reste à corriger.
- Il signale au lieu chaque ligne refusée, avec la raison, sans recopier son contenu.
- Il ne publie que des agrégats et cache les petits nombres.
- Il ne transmet ni ligne ni code à personne.

## Ce que chacun garde

- Le lieu reste responsable de l'information de ses visiteurs et de l'exactitude des registres.
- Le réseau tient la clé et l'entrepôt à l'abri, et rend compte de tout incident sous 72 heures.
- Chacun peut mettre fin à cette convention avec un préavis de [durée]. Les enregistrements du lieu
  sont alors effacés ; les chiffres déjà publiés restent.
"""
