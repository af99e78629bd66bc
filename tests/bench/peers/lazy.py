"""The six indicators as a user of polars would write them, over Parquet: lazy, and streamed."""

import sys
from pathlib import Path

import polars as pl
from polars import col

from tests.bench.measure import counted, cpu_seconds, tell

PLACE_PERIOD = ["place_id", "kind", "starts_on"]
PERSON = ["place_id", "person_key"]
ALL = pl.lit("all").alias("category")
NOTHING = pl.lit(None, pl.Float64).alias("denominator")
KINDS = {"month": "1mo", "quarter": "1q", "year": "1y"}


def with_days(frame: pl.LazyFrame, at: str) -> pl.LazyFrame:
    day = col(at).cast(pl.Date)
    return frame.with_columns(day.alias("day"), day.dt.truncate("1mo").alias("month"))


def by_period(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Each month in its month, quarter and year."""
    return pl.concat(
        frame.with_columns(
            pl.lit(kind).alias("kind"), col("month").dt.truncate(every).alias("starts_on")
        )
        for kind, every in KINDS.items()
    )


def total(monthly: pl.LazyFrame, indicator: str) -> pl.LazyFrame:
    """Sums of `n` that add up over months."""
    sums = by_period(monthly).group_by(PLACE_PERIOD).agg(col("n").sum().alias("numerator"))
    return sums.select(pl.lit(indicator).alias("indicator"), *PLACE_PERIOD, ALL,
                       col("numerator").cast(pl.Float64), NOTHING)  # fmt: skip


def counts(people: pl.LazyFrame, indicator: str, *made: pl.Expr) -> pl.LazyFrame:
    """Of everybody, and by gender."""
    everybody = people.group_by(PLACE_PERIOD).agg(*made).with_columns(ALL)
    by_gender = people.group_by([*PLACE_PERIOD, "gender"]).agg(*made).rename({"gender": "category"})
    return pl.concat([everybody, by_gender], how="diagonal").select(
        pl.lit(indicator).alias("indicator"), *PLACE_PERIOD, "category", "numerator", "denominator"
    )


def people_by_period(visits: pl.LazyFrame, uses: pl.LazyFrame) -> pl.LazyFrame:
    columns = [*PERSON, "month", "day", "gender", "is_visit"]
    events = pl.concat([
        visits.with_columns(is_visit=True).select(columns),
        uses.with_columns(is_visit=False).select(columns),
    ]).filter(col("person_key").is_not_null())  # fmt: skip
    rank = col("gender").replace_strict({"feminin": 1, "masculin": 2}, default=None)
    months = (
        events.with_columns(known=col("day").to_physical() * 4 + rank)
        .group_by([*PERSON, "month"])
        .agg(
            has_visited=col("is_visit").any(),
            last_visit_on=pl.when("is_visit").then("day").max(),
            known=col("known").max(),
        )
        .sort([*PERSON, "month"])
        .with_columns(
            previous=col("last_visit_on").forward_fill().over(PERSON).shift(1).over(PERSON)
        )
    )
    gender = (col("known") % 4).replace_strict({1: "feminin", 2: "masculin"}, default=None)
    return (
        by_period(months)
        .group_by([*PLACE_PERIOD, "person_key"])
        .agg(col("has_visited").any(), col("known").max(), col("previous").min())
        .with_columns(
            gender=gender.fill_null("non_communique"),
            is_returning=(col("starts_on") - col("previous"))
            .dt.total_days().is_between(1, 365).fill_null(False),
        )
    )  # fmt: skip


def newcomers(visits: pl.LazyFrame) -> pl.LazyFrame:
    days = visits.filter(col("person_key").is_not_null()).select([*PERSON, "day"]).unique()
    people = days.group_by(PERSON).agg(first=col("day").min(), two=col("day").bottom_k(2).max())
    after = (col("two") - col("first")).dt.total_days()
    back = people.with_columns(
        month=col("first").dt.truncate("1mo"), is_back=after.is_between(1, 90)
    )
    return (
        by_period(back)
        .group_by(PLACE_PERIOD)
        .agg(numerator=col("is_back").sum().cast(pl.Float64), denominator=pl.len().cast(pl.Float64))
        .select(pl.lit("newcomer_return_90d").alias("indicator"), *PLACE_PERIOD, ALL,
                "numerator", "denominator")
    )  # fmt: skip


def figures(folder: Path) -> pl.LazyFrame:
    visits = with_days(pl.scan_parquet(folder / "attendance.parquet"), "checked_in_local").filter(
        (col("role") == "usager") & (col("attendance_status") == "present")
    )
    uses = with_days(pl.scan_parquet(folder / "service_usage.parquet"), "occurred_local")
    months = ["place_id", "month"]
    coworking = (
        visits.filter((col("space_code") == "coworking") & col("person_key").is_not_null())
        .select([*months, "person_key", "day"])
        .unique()
    )
    people = people_by_period(visits, uses)
    count, none = pl.len().cast(pl.Float64).alias("numerator"), NOTHING
    return pl.concat([
        total(visits.group_by(months).agg(n=col("headcount").sum()), "visits"),
        total(uses.group_by(months).agg(n=col("headcount").sum()), "service_uses"),
        total(coworking.group_by(months).agg(n=pl.len()), "coworking_days"),
        newcomers(visits),
        counts(people, "persons_reached", count, none),
        counts(
            people.filter("has_visited"), "returning_share",
            col("is_returning").sum().cast(pl.Float64).alias("numerator"),
            pl.len().cast(pl.Float64).alias("denominator"),
        ),
    ], how="vertical_relaxed")  # fmt: skip


def main(folder: str) -> None:
    imports, costs = cpu_seconds(), dict[str, float]()
    with counted(costs, "cpu"):
        found = figures(Path(folder)).collect(engine="streaming")
        found.write_parquet(Path(folder) / "lazy.parquet")
    tell(imports, costs)


if __name__ == "__main__":
    main(*sys.argv[1:])
