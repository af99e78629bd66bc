"""Every column is declared through `column`: title, descriptions, unit, personal-data class, kind.

The title is French: it is the header of the spreadsheets. The two descriptions are read in the
published Table Schemas and in the dictionary.

The kind says how a cell of text becomes a value, once, in `flows.intake.cast`:

| kind         | a cell such as                            | becomes                        |
|--------------|-------------------------------------------|--------------------------------|
| `code`       | `Usager`                                  | text of a closed list          |
| `identifier` | `R-2041`                                  | text with a digit, no spaces   |
| `timestamp`  | `03/02/2025 14:05`, `2025-02-03T14:05Z`   | instant, UTC, microseconds     |
| `date`       | `03/02/2025`, `3 févr. 2025`, `45691`     | date                           |
| `integer`    | `1 234`                                   | Int64                          |
| `decimal`    | `1 234,5`                                 | Float64                        |
| `minutes`    | `90`, `1h30`, `1:30`                      | Int64 minutes                  |
| `week_hours` | `35`, `17,5`, `17h30`                     | Int64 minutes a week           |
| `euros`      | `1 234,50 €`                              | Int64 cents                    |
| `boolean`    | `oui`, `non`, `x`                         | Boolean                        |
| `commune`    | `2676`, `02676`                           | five-character COG code        |
| `siret`      | `356 000 000 00048`                       | fourteen digits                |
| `local`      | no cell: what a clock of the place shows  | date and time without a zone   |
"""

from typing import Annotated, Any, Literal

import polars as pl

Personal = Literal["none", "indirect", "pseudonym"]
"""`pseudonym`: stays in the private warehouse. `indirect`: could help to recognise somebody."""


def column(
    title: str,
    description: str,
    description_fr: str,
    kind: str,
    *,
    unit: str = "",
    personal: Personal = "none",
    default: object = None,
    nullable: bool = True,
    costs_itself: bool = False,
    summed_where: tuple[str, str] | None = None,
    **checks: Any,
) -> Any:
    """A contract column; `default` fills a column that a source does not have at all.

    A doubtful cell that `costs_itself` is left out, and its row goes on; elsewhere its absence
    would say something, or lower a sum, and the row is refused. It lowers one in rows whose column
    has the code of `summed_where`: those are refused too.
    """
    import pandera.polars as pa

    metadata = {
        "description_fr": description_fr,
        "kind": kind,
        "unit": unit,
        "personal": personal,
        "default": default,
        "costs_itself": costs_itself,
        "summed_where": summed_where,
    }
    return pa.Field(
        title=title, description=description, metadata=metadata, nullable=nullable, **checks
    )


ORDERS = ("day_first", "month_first", "year_first")
MARKS = ("decimal_comma", "decimal_point")
WAYS = {
    "date": ORDERS,
    "timestamp": ORDERS,
    "integer": MARKS,
    "decimal": MARKS,
    "euros": MARKS,
    "minutes": ("minutes", "hours"),
    "week_hours": ("hours", "shares"),
    "commune": ("insee",),
}
"""How a column of each kind may be written; the first is what is usual in France."""

Instant = Annotated[pl.Datetime, "us", "UTC"]
Local = Annotated[pl.Datetime, "us", None]
MADE_HERE = ("pseudonym", "flag", "local")
"""Kinds of columns that no source has: they are made of others while a row is read."""


def instant(title: str, description: str, description_fr: str, **options: Any) -> Any:
    """A column of instants: stored in UTC, microseconds."""
    return column(title, description, description_fr, "timestamp", unit="instant (UTC)", **options)


def local(title: str, description: str, description_fr: str) -> Any:
    """The column `x_local` beside the instant `x_at`: a day is a day of the place, not of Paris."""
    return column(title, description, description_fr, "local", unit="local time of the place")


def code(
    title: str, description: str, description_fr: str, values: list[str], **options: Any
) -> Any:
    """A column whose values come from one code list of `schemas.codes`."""
    return column(title, description, description_fr, "code", unit="code", isin=values, **options)


IDENTIFIER = r"^[A-Za-z0-9._:/#-]*[0-9][A-Za-z0-9._:/#-]*$"
"""An identifier has a digit and no space: a name typed in its place does not pass."""

DIRECT_IDENTIFIER = (
    r"@"
    r"|(?:^|[^0-9])(?:\+33|0033|0)[1-9](?:[ ./:_-]?[0-9]{2}){4}(?:$|[^0-9])"
    r"|^[12][0-9]{2}(?:0[1-9]|1[0-2])(?:[0-9]{2}|2[AB])[0-9]{6}(?:[0-9]{2})?$"
)
"""An e-mail address, a French telephone number or a social-security number."""

UUID = r"(?i)^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$"
"""Drawn by lot: three in a thousand hold what looks like a telephone number, and are none."""
