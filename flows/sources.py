"""What a place declares of one of its sources; a value that cannot be right is refused."""

import hashlib
import itertools
import unicodedata
from collections.abc import Collection
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticKnownError

from flows.declaration import Declared, Secret, refuse_secret_in
from flows.language import _
from flows.shape import SHEET, Shape
from schemas.codes import TRUE_WORDS
from schemas.fields import WAYS
from schemas.template import SHEETS


def known_feed(name: str) -> str:
    """The name of a feed; any other is refused, as by a `Literal` of all."""
    from schemas import FEEDS

    if name not in FEEDS:
        raise PydanticKnownError("literal_error", dict(expected=", ".join(map(repr, FEEDS))))
    return name


FeedName = Annotated[str, AfterValidator(known_feed)]
Rhythm = Literal["daily", "weekly", "monthly", "quarterly", "yearly", "occasional"]
Proof = Literal["span", "days", "days_with_presence", "months", "until_file_date", "window"]
Delivery = Literal["append", "snapshot", "period"]
IdentityRule = Literal["email", "name_birth", "source_id"]
if TYPE_CHECKING:
    Way = str
else:
    Way = Literal[tuple(dict.fromkeys(itertools.chain(*WAYS.values())))]
UNDECIDED = "?"
"""A constant that somebody still has to say: until then no file is read."""
LATE_AFTER_DAYS: dict[str, int | None] = {
    "daily": 3,
    "weekly": 10,
    "monthly": 45,
    "quarterly": 110,
    "yearly": 400,
    "occasional": None,
}
"""Age of the last proven day after which a source of each rhythm is late."""


def in_one_form(value: Any) -> Any:
    """Every text in a value of a TOML, composed."""
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, list):
        return [in_one_form(item) for item in value]
    if isinstance(value, dict):
        return {in_one_form(key): in_one_form(item) for key, item in value.items()}
    return value


class Identity(Declared):
    """The source's own columns that say who a row is about; they never leave parse."""

    email: str | None = None
    last_name: str | None = None
    first_name: str | None = None
    birth_date: str | None = None
    source_id: str | None = None

    def columns(self) -> list[str]:
        return [name for name in self.model_dump().values() if name]

    def kinds(self) -> set[IdentityRule]:
        """The identities that these columns can make."""
        has_name = bool(self.last_name or self.first_name)
        can: dict[IdentityRule, bool] = {
            "email": bool(self.email),
            "name_birth": has_name and bool(self.birth_date),
            "source_id": bool(self.source_id),
        }
        return {kind for kind, is_there in can.items() if is_there}


class Source(Shape):
    """One file, folder or system that delivers one feed of one place."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")
    feed: FeedName
    connector: str
    path: str = ""
    """A file, or a pattern such as `exports/cobot-*.csv`, from the folder of the TOML file.

    Of a system that is asked over a network: answers that were recorded, `*.pages`.
    """
    url: str = ""
    """The address of a system that is asked over a network."""
    token: Secret | None = None
    options: dict[str, Any] = {}
    """What this connector alone wants to know; it says which keys there are."""
    rhythm: Rhythm
    from_day: date | None = Field(default=None, alias="from")
    until_day: date | None = Field(default=None, alias="until")
    """First and last day for which it speaks, both included: see `Place.days_of_use`."""
    replaces: str | None = None
    """The source of the same feed that ends on the eve of `from`: the series breaks there."""
    delivery: Delivery = "append"
    """How a file replaces a file: see docs/places.md."""
    coverage: Proof
    """What a delivery proves: see docs/places.md."""
    template: Literal["presences", "comptage", "services", "emplois", "paie"] | None = None
    """The sheet of the kit that was filled in, or that of `impact dsn`; it needs no mapping."""
    header_row: int = Field(default=1, ge=1)
    sheet: str | None = None
    columns: dict[str, str | list[str]] = {}
    """Contract column → the source's header (several are joined by a space)."""
    constants: dict[str, str] = {}
    values: dict[str, dict[str, str]] = {}
    """Contract column → the source's word → the code of the contract."""
    identity: Identity = Identity()
    written: dict[str, Way] = {}
    """Contract column, or `birth_date` → how the file writes it, where its cells do not show it."""

    @model_validator(mode="before")
    @classmethod
    def letters_have_one_form(cls, given: Any) -> Any:
        """A header is the same whether its é is one character or two."""
        return in_one_form(given)

    @model_validator(mode="before")
    @classmethod
    def template_is_the_mapping(cls, given: dict[str, Any]) -> dict[str, Any]:
        template = SHEETS.get(given.get("template", ""))
        if template is None:
            return given
        if given.get("feed") != template.feed:
            raise ValueError(
                _("the template {given!r} is one of feed {feed!r}").format(
                    given=given["template"], feed=template.feed
                )
            )
        mapping = {
            "sheet": template.sheet,
            "columns": template.headers(),
            "values": template.words(),
            "identity": template.identity(),
        }
        for key in [*mapping, *Shape.model_fields]:
            if key in given:
                raise ValueError(
                    _("a source with a template has no {key!r} of its own").format(key=key)
                )
        return {**given, **mapping}

    @model_validator(mode="after")
    def days_are_in_order(self) -> Self:
        if self.from_day and self.until_day and self.until_day < self.from_day:
            raise ValueError(_("`until` is before `from`"))
        return self

    @model_validator(mode="after")
    def shape_is_of_a_file(self) -> Self:
        declared = self.model_fields_set & {*Shape.model_fields}
        if declared and self.connector != "file":
            raise ValueError(
                _('{key!r} says how a file is turned: only connector = "file" knows it').format(
                    key=min(declared)
                )
            )
        for one, other in (("sheet", "sheets"), ("header_row", "header_rows")):
            if {one, other} <= self.model_fields_set:
                raise ValueError(_("{one!r} or {other!r}, not both").format(one=one, other=other))
        return self

    @model_validator(mode="after")
    def address_holds_no_secret(self) -> Self:
        refuse_secret_in(self.url)
        return self

    @property
    def fingerprint(self) -> str:
        """A mark of what is asked and how it is read: another one asks for everything anew."""
        asked = {"feed", "url", "options", "columns", "constants", "values", "identity"}
        told = self.model_dump_json(include=asked | ({"written"} if self.written else set()))
        return hashlib.sha256(told.encode()).hexdigest()[:8]

    @property
    def last_header_row(self) -> int:
        """The row above the first one of the table."""
        return self.header_rows[-1] if self.header_rows else self.header_row

    @property
    def needs_sheet(self) -> bool:
        return SHEET in self.wanted_headers()

    def filed_headers(self, headers: list[str]) -> dict[str, str]:
        """The same as the file has them: without what its shape makes, and with what that needs."""
        wanted, made = self.wanted_headers(), self.made()
        kept = {header: field for header, field in wanted.items() if header not in made}
        return kept | self.asked(headers)

    def may_say(self, column: str, codes: Collection[str]) -> bool:
        """Can a row of it have one of these codes? If not, its days prove nothing of them.

        Its constants say so, else the columns that it maps, else the default of the contract.
        """
        from schemas import CONTRACTS
        from schemas.record import stored_columns

        declared = stored_columns(CONTRACTS[self.feed])[column].metadata
        said = self.constants.get(column)
        if said is None and column in self.columns:
            untold = SHEETS[self.template].untold if self.template else ()
            return not {*codes} <= {*untold}
        said = str(declared["default"]) if said is None else said
        if declared["kind"] == "boolean":
            said = str(said.strip().lower() in TRUE_WORDS).lower()
        return said in codes

    def wanted_headers(self) -> dict[str, str]:
        """Every header that must be there → what it is for."""
        wanted = {header: "identity" for header in self.identity.columns()}
        for field, headers in self.columns.items():
            for header in [headers] if isinstance(headers, str) else headers:
                wanted[header] = field
        return wanted
