"""The policy as the SQL of the release reads it: tables of the schema `registry`."""

from typing import Any

import polars as pl

from flows.settings import Settings
from flows.warehouse.labels import BREAKDOWN_LABELS, LISTS, MINOR_BANDS, MINORS, UNKNOWN
from flows.warehouse.models import FEED_TABLES, IndicatorHeader, Model, needed
from flows.warehouse.policy import STEPPED, Policy, published_cells, read_policy, rule_of
from schemas import FEEDS
from schemas.codes import AgeBand, ContractType

NO_JOBS = {ContractType.SERVICE_CIVIQUE, ContractType.INTERN, ContractType.VOLUNTEER}
NEVER_UNKNOWN = ("contract_type", "location", "evidence")
MAY_BE_UNKNOWN = {("visits", "service")}
"""Indicator and breakdown for which a code may be missing though no use of a service has none."""


def policy_tables(
    settings: Settings, models: dict[str, Model], core: dict[str, Model]
) -> dict[str, pl.DataFrame]:
    """What is published, how, and the categories of each characteristic."""
    headers = {id: m.header for id, m in models.items() if isinstance(m.header, IndicatorHeader)}
    policy = read_policy(settings, headers)
    text, real, whole = pl.String, pl.Float64, pl.Int64
    lasting = {name for name, feed in FEEDS.items() if feed.lasts}
    of_contracts = {
        id for id, model in models.items()
        if {FEED_TABLES[t] for t in needed(model, core) & FEED_TABLES.keys()} == lasting
    }  # fmt: skip
    return {
        "published_table": pl.DataFrame(
            [
                (*cells, *step_and_margin(policy, cells.protection),
                 policy.indicators[cells.indicator_id].protection == "band"
                 or cells.indicator_id in of_contracts,
                 rule_of(policy, cells.indicator_id))
                for cells in published_cells(policy, headers)
            ],
            {
                "indicator_id": text, "scope_type": text, "period_type": text, "breakdown": text,
                "protection": text, "step": real, "margin": real, "is_of_few": pl.Boolean,
                "rule": text,
            },
            orient="row",
        ),
        "published_category": pl.DataFrame(
            [
                (id, breakdown, category)
                for id, header in headers.items()
                for breakdown in ("all", *header.breakdowns)
                for category in categories(id, header, breakdown)
            ],
            {"indicator_id": text, "breakdown": text, "category": text},
            orient="row",
        ),
        "band": pl.DataFrame(
            bands(policy), {"first_number": whole, "last_number": whole}, orient="row"
        ),
        "policy": pl.DataFrame([policy_row(policy)]),
    }  # fmt: skip


def step_and_margin(policy: Policy, protection: str) -> tuple[float, float]:
    """To what a count is rounded, and how far from it the true one may be."""
    step = getattr(policy.rules, protection) if protection in STEPPED else policy.rules.count
    return float(step), float(step if protection in (*STEPPED[1:], "occupancy") else step - 1)


def categories(indicator_id: str, header: IndicatorHeader, breakdown: str) -> list[str]:
    """Every code that a characteristic can have; a theme is known from the records alone."""
    if breakdown in ("all", "theme"):
        return ["all"] if breakdown == "all" else []
    if breakdown == "age_band":
        return [MINORS, *(code.value for code in AgeBand if code not in MINOR_BANDS)]
    if breakdown == "service" and header.services:
        return [code.value for code in header.services]
    codes = [code.value for code in LISTS[BREAKDOWN_LABELS[breakdown]] if code not in NO_JOBS]
    without = {UNKNOWN.value} if breakdown in NEVER_UNKNOWN else set()
    if breakdown != "service" or (indicator_id, breakdown) in MAY_BE_UNKNOWN:
        codes = list(dict.fromkeys([*codes, UNKNOWN.value]))
    return [code for code in codes if code not in without]


def bands(policy: Policy) -> list[tuple[int, int | None]]:
    firsts = policy.rules.bands
    return [(first, after - 1 if after else None)
            for first, after in zip(firsts, [*firsts[1:], None], strict=True)]  # fmt: skip


def policy_row(policy: Policy) -> dict[str, Any]:
    rules, decided = policy.rules, policy.decision
    return {
        "version": policy.version,
        "settled_days": rules.settled_days, "late_days": rules.late_days,
        "territory_places": rules.territory_places,
        "points": rules.rate.points, "cases": rules.rate.cases,
        "coarse_points": rules.coarse_rate.points, "coarse_cases": rules.coarse_rate.cases,
        "people": rules.people,
        "count_step": rules.count,
        "decision": f"{decided.by}, {decided.on:%d/%m/%Y} : {decided.reason}" if decided else "",
    }  # fmt: skip
