"""Reading portfolios, grants and targets, and refusing what names something that is not there."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from flows.declaration import Declared, configuration_error, read_toml
from flows.errors import ConfigurationError
from flows.language import _
from flows.places import Place
from flows.settings import Settings
from flows.spelling import did_you_mean
from flows.warehouse.commitments import (
    Commitments,
    Grant,
    GrantFile,
    Portfolio,
    PortfolioFile,
    Target,
    TargetFile,
    is_whole_months,
)
from flows.warehouse.models import IndicatorHeader, Model

PORTFOLIOS, GRANTS, TARGETS = "portfolios.toml", "grants.toml", "targets.toml"
SHARES = ("share", "index")
"""Units whose figures are between 0 and 1."""

F = TypeVar("F", bound=Declared)
E = TypeVar("E", Portfolio, Grant, Target)


def read_commitments(
    settings: Settings, places: Sequence[Place], indicators: Mapping[str, Model]
) -> Commitments:
    """What the three files declare; a file that is not there declares nothing.

    Raises ConfigurationError naming file, key, fault and remedy.
    """
    folder = settings.beside_places
    place_ids = [place.id for place in places]
    portfolios = by_id(
        folder / PORTFOLIOS, "portfolios", read_file(folder / PORTFOLIOS, PortfolioFile).portfolios
    )
    grants = by_id(folder / GRANTS, "grants", read_file(folder / GRANTS, GrantFile).grants)
    targets = by_id(folder / TARGETS, "targets", read_file(folder / TARGETS, TargetFile).targets)
    for number, portfolio in enumerate(portfolios.values()):
        for place_number, place_id in enumerate(portfolio.places):
            key = f"portfolios.{number}.places.{place_number}"
            refuse_unknown(folder / PORTFOLIOS, key, place_id, place_ids)
    for number, grant in enumerate(grants.values()):
        key = f"grants.{number}"
        refuse_unknown(folder / GRANTS, f"{key}.place", grant.place, place_ids)
        refuse_unknown(folder / GRANTS, f"{key}.portfolio", grant.portfolio, portfolios)
    for number, target in enumerate(targets.values()):
        key = f"targets.{number}"
        refuse_unknown(folder / TARGETS, f"{key}.place", target.place, place_ids)
        refuse_unknown(folder / TARGETS, f"{key}.portfolio", target.portfolio, portfolios)
        refuse_unknown(folder / TARGETS, f"{key}.grant", target.grant, grants)
        refuse_unknown(folder / TARGETS, f"{key}.indicator", target.indicator, indicators)
        check_days(folder / TARGETS, key, target, grants)
        check_indicator(folder / TARGETS, key, target, grants, indicators[target.indicator])
    return Commitments(portfolios, grants, targets)


def commitment_files(settings: Settings) -> list[Path]:
    """Those of the three files that are there."""
    files = [settings.beside_places / name for name in (PORTFOLIOS, GRANTS, TARGETS)]
    return [file for file in files if file.exists()]


def read_file(file: Path, model: type[F]) -> F:
    """One file as its model says, or as if it were empty when it is not there."""
    if not file.exists():
        return model()
    try:
        return model.model_validate(read_toml(file))
    except ValidationError as broken:
        raise configuration_error(file, broken, model) from broken


def by_id(file: Path, key: str, entries: list[E]) -> dict[str, E]:
    """The entries by id; raises ConfigurationError when two have the same."""
    found: dict[str, E] = {}
    for number, entry in enumerate(entries):
        if entry.id in found:
            raise ConfigurationError(
                _("the id {id!r} stands twice").format(id=entry.id),
                where=where(file, f"{key}.{number}.id"),
                remedy=_("give each entry an id of its own"),
            )
        found[entry.id] = entry
    return found


def refuse_unknown(file: Path, key: str, name: str | None, known: Collection[str]) -> None:
    if name is None or name in known:
        return
    otherwise = _("declare it, or leave the key out")
    if known:
        otherwise = _("they are: {known}").format(known=", ".join(known))
    raise ConfigurationError(
        _("there is no {name!r}").format(name=name),
        where=where(file, key),
        remedy=did_you_mean(name, known, otherwise),
    )


def check_days(file: Path, key: str, target: Target, grants: dict[str, Grant]) -> None:
    """Figures are those of months: a target has whole ones."""
    first, last = target.days(grants)
    if is_whole_months(first, last):
        return
    raise ConfigurationError(
        _("the days from {first} to {last} are not whole months").format(first=first, last=last),
        where=where(file, f"{key}.first_day" if target.first_day else f"{key}.grant"),
        remedy=_(
            "give the target a `first_day` that begins a month and a `last_day` that ends one"
        ),
    )


def check_indicator(
    file: Path, key: str, target: Target, grants: dict[str, Grant], model: Model
) -> None:
    """An indicator that has no figure there, or no such figure, would never reach the target."""
    header = model.header
    if not isinstance(header, IndicatorHeader):
        return
    scope_type, _id = target.scope(grants)
    if scope_type not in header.scopes:
        raise ConfigurationError(
            _("{indicator} has no figure for a scope of type {scope}").format(
                indicator=model.id, scope=scope_type
            ),
            where=where(file, f"{key}.indicator"),
            remedy=_("its scopes are: {scopes}").format(scopes=", ".join(header.scopes)),
        )
    if target.counting != "cumulative" and "month" not in header.periods:
        raise ConfigurationError(
            _("{indicator} has no figure for a month").format(indicator=model.id),
            where=where(file, f"{key}.counting"),
            remedy=_('write counting = "cumulative": the figure of the whole period'),
        )
    for name, value in (("target", target.target), ("baseline", target.baseline)):
        if header.unit in SHARES and value is not None and not 0 <= value <= 1:
            raise ConfigurationError(
                _("{indicator} is between 0 and 1").format(indicator=model.id),
                where=where(file, f"{key}.{name}"),
                remedy=_("write 0.75 for 75 %"),
            )


def where(file: Path, key: str) -> str:
    return _("{file}, key {key}").format(file=file, key=key)
