"""The spreadsheets that places without a tool fill in: which columns, under which headers.

Headers are the titles of the contracts and words are the French labels of the code lists, so that
a filled sheet needs no mapping of its own.
"""

import hashlib
from dataclasses import dataclass
from typing import Any

import schemas
from schemas.codes import french_labels
from schemas.rules import N_

IDENTITY_HEADERS = {
    "email": "Courriel",
    "last_name": "Nom",
    "first_name": "Prénom",
    "birth_date": "Date de naissance",
}


HELP_SHEET = "Mode d'emploi"
VERSION_MARK = "Version de cette feuille : "
"""What stands in the sheet that explains, before the name of the template and its version."""


@dataclass(frozen=True)
class Template:
    """One sheet to fill in; `fields` are contract columns, in the order of the sheet."""

    feed: str
    sheet: str
    purpose: str
    fields: tuple[str, ...]
    has_identity: bool = True
    person_number: str = ""
    """The header of a number of the person, where the sheet has one: it may stand for the names."""
    untold: tuple[str, ...] = ()
    """Codes of which its silence says nothing: others tell of them."""

    def columns(self) -> dict[str, Any]:
        """Contract column → its Pandera declaration."""
        from schemas.record import stored_columns

        declared = stored_columns(schemas.CONTRACTS[self.feed])
        return {name: declared[name] for name in self.fields}

    def headers(self) -> dict[str, str]:
        """Contract column → header of the sheet."""
        return {name: str(column.title) for name, column in self.columns().items()}

    def words(self) -> dict[str, dict[str, str]]:
        """Contract column with a closed list → French word → code."""
        from schemas.record import codes_of

        lists = {name: codes_of(column) for name, column in self.columns().items()}
        return {
            name: {label: code for code, label in french_labels(codes).items()}
            for name, codes in lists.items()
            if codes
        }

    def version(self) -> str:
        """Eight signs that change with the headers or the words of the sheet."""
        asked = repr((self.sheet, self.headers(), self.words(), self.identity()))
        return hashlib.sha256(asked.encode()).hexdigest()[:8]

    def identity(self) -> dict[str, str]:
        number = {"source_id": self.person_number} if self.person_number else {}
        return {**IDENTITY_HEADERS, **number} if self.has_identity else {}


PERSON = ("gender", "social_status", "home_commune")

TEMPLATES = {
    "presences": Template(
        "attendance",
        "Présences",
        N_("One row per person and visit."),
        ("record_id", "checked_in_at", "checked_out_at", "space_code", *PERSON),
    ),
    "comptage": Template(
        "attendance",
        "Comptage",
        N_("One row per count: how many people, where and when, without knowing who."),
        ("record_id", "checked_in_at", "headcount", "space_code"),
        has_identity=False,
    ),
    "services": Template(
        "service_usage",
        "Services",
        N_("One row per accompaniment, workshop, booking or hour of a machine."),
        ("record_id", "occurred_at", "service_code", "headcount", "duration_minutes", "mode",
         "operator_code", "outcome", "autonomy", "quantity", "unit", "amount_eur_cents", *PERSON),
    ),
    "emplois": Template(
        "employment",
        "Emplois",
        N_("One row per contract, of the team or of the hosted organisations."),
        ("record_id", "relation", "contract_type", "started_on", "ended_on", "weekly_minutes",
         "employer_siret", "post_code", "exit_reason", "gender", "home_commune"),
        person_number="Matricule",
    ),
}  # fmt: skip


PAYROLL = Template(
    "employment",
    TEMPLATES["emplois"].sheet,
    N_("The sheet that `impact dsn` makes: one row per contract of the payroll."),
    ("record_id", "contract_type", "started_on", "ended_on", "weekly_minutes", "employer_siret",
     "post_code", "gender", "home_commune"),
    person_number=TEMPLATES["emplois"].person_number,
    untold=("SERVICE_CIVIQUE", "BENEVOLE", "INDEPENDANT"),
)  # fmt: skip
"""Like `emplois`, but that it speaks of the team alone, and not of what comes after a contract."""

PAYROLL_MARK = "Fin déduite"
"""The header that only the sheet of `impact dsn` has."""

SHEETS = {**TEMPLATES, "paie": PAYROLL}
"""What a source may name as its template: the sheets of the kit, and the one made by us."""


def template_of(sheet: str, headers: list[str]) -> str | None:
    """The name of the template that has this sheet and all these headers, filled in or not.

    A text file has one sheet, without a name.
    """
    for name, template in TEMPLATES.items():
        asked = {*template.headers().values(), *template.identity().values()}
        if sheet in (template.sheet, "") and asked <= {header.strip() for header in headers}:
            return name
    return None
