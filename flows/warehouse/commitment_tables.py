"""Portfolios, grants and targets as tables of the schema `registry`."""

from datetime import timedelta
from typing import Any

import polars as pl

from flows.warehouse.commitments import Commitments

TEXT, DAY = pl.String, pl.Date
PORTFOLIO = {"portfolio_id": TEXT, "name": TEXT, "place_id": TEXT}
GRANT = {
    "grant_id": TEXT, "place_id": TEXT, "portfolio_id": TEXT, "programme_code": TEXT,
    "funder": TEXT, "amount_eur_cents": pl.Int64, "starts_on": DAY, "ends_before": DAY,
}  # fmt: skip
TARGET = {
    "target_id": TEXT, "grant_id": TEXT, "scope_type": TEXT, "scope_id": TEXT,
    "indicator_id": TEXT, "target": pl.Float64, "baseline": pl.Float64, "starts_on": DAY,
    "ends_before": DAY, "counting": TEXT,
}  # fmt: skip


def commitment_tables(declared: Commitments) -> dict[str, pl.DataFrame]:
    """One row for each place of a portfolio, for each grant, for each target."""
    portfolios = [
        (portfolio.id, portfolio.name, place_id)
        for portfolio in declared.portfolios.values()
        for place_id in portfolio.places
    ]
    grants = [
        (
            g.id, g.place, g.portfolio, g.programme, g.funder, round(g.amount_eur * 100),
            g.first_day, g.ends_before,
        )
        for g in declared.grants.values()
    ]  # fmt: skip
    return {
        "portfolio": pl.DataFrame(portfolios, schema=PORTFOLIO, orient="row"),
        "grant": pl.DataFrame(grants, schema=GRANT, orient="row"),
        "target": pl.DataFrame(target_rows(declared), schema=TARGET, orient="row"),
    }


def target_rows(declared: Commitments) -> list[tuple[Any, ...]]:
    """Each target with the scope and the days that it takes from its grant."""
    rows = []
    for target in declared.targets.values():
        first, last = target.days(declared.grants)
        rows.append(
            (
                target.id, target.grant, *target.scope(declared.grants), target.indicator,
                target.target, target.baseline, first, last + timedelta(1), target.counting,
            )
        )  # fmt: skip
    return rows
