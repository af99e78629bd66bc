"""The unknowns: what is published, with its bounds, and what is hidden beside it.

All frames speak the words of the release. One row an unknown: a count, or a part of a quotient, of
one territory, period and category.
"""

from typing import NamedTuple

import polars as pl

from flows.publication.gate.known import (
    COUNTS,
    INDICES,
    OF_KNOWN_BASE,
    QUOTIENTS,
    Quantity,
)

PLACE = "lieu"
ALL = "ensemble"
KEY = ("indicator", "part", "scope", "period", "breakdown", "category")
"""What an unknown is of."""
TABLE = ("indicator", "level", "scope", "period", "breakdown")
"""What is left out as one: all that is published of an indicator, of one characteristic."""
SOUGHT_IN_VAIN = ("not_open", "closed", "not_applicable")
"""The states of which everybody knows that there is nothing to count."""
MINORS = ("moins_de_douze", "douze_dix_huit")
"""The age bands that are one in what leaves; an index knows them apart."""
MINORS_TOGETHER = "moins_de_dix_huit"


class Thresholds(NamedTuple):
    """The numbers of the policy, which are published: who is shown has so many, once rounded."""

    step: int
    """To which counts of people and cases are rounded."""
    cases: int
    coarse_cases: int
    coarse_points: int
    people: int

    def at_least(self, rounded: int) -> int:
        return max(0, rounded - self.step + 1)

    def at_most_below(self, rounded: int) -> int:
        """The most that a number can be which is rounded to less."""
        return rounded - 1


class Published(NamedTuple):
    """What a release says, as far as the gate reads it."""

    values: pl.DataFrame
    """Of `valeurs`; with `base`, what a quotient of a known base is divided by; with `stands`,
    whether a row was published before and can no more be left out; with `is_partial`, whether
    places that are expected in a territory are not in it; with `not_below` and `not_above`, what
    the draw before a revision says of the one that came: the truth has left its bounds."""
    members: pl.DataFrame
    """`scope` and `place`, each as level/id: the places of every territory."""
    thresholds: Thresholds

    def stands(self) -> bool:
        """Was anything of it published before?"""
        return "stands" in self.values.columns and bool(self.values["stands"].any())

    def left_out_before(self) -> pl.DataFrame:
        """TABLE of what was left out of a release before, for what it would have said itself."""
        if "was_left_out" not in self.values.columns:
            return read_values(self.values.clear()).select(TABLE)
        before = self.values.filter(pl.col("was_left_out") & pl.col("stands"))
        return read_values(before).select(TABLE).unique()

    def standing(self) -> "Published":
        """What was published before, alone."""
        new = read_values(self.values).filter(~pl.col("stands"))
        return self.without(new)

    def without(self, tables: pl.DataFrame) -> "Published":
        """The same, where these tables say nothing."""
        keys = tables.select(TABLE).unique().with_columns(is_gone=True)
        values = self.values.with_columns(
            pl.concat_str("niveau", pl.lit("/"), "territoire_id").alias("scope")
        ).join(
            keys,
            left_on=["indicateur_id", "niveau", "scope", "periode", "ventilation"],
            right_on=list(TABLE),
            how="left",
            maintain_order="left",
        )
        empty = [
            pl.when("is_gone").then(None).otherwise(name).alias(name)
            for name in ("valeur", "valeur_min", "valeur_max", "diffusion")
        ]
        return self._replace(values=values.with_columns(empty).drop("scope", "is_gone"))


def read_values(values: pl.DataFrame) -> pl.DataFrame:
    """`valeurs` in the words of this folder; several draws of one figure are one, the narrowest."""
    shown, shown_now = pl.col("valeur_min").is_not_null(), pl.col("least").is_not_null()
    missing = {
        "comptage_personnes": None, "base": None, "stands": False, "is_partial": False,
        "not_below": None, "not_above": None,
    }  # fmt: skip
    return (
        values.with_columns(
            pl.lit(one).alias(name) for name, one in missing.items() if name not in values.columns
        )
        .select(
            indicator="indicateur_id",
            level="niveau",
            scope=pl.concat_str("niveau", pl.lit("/"), "territoire_id"),
            period="periode",
            length="granularite",
            first="debut",
            last="fin",
            breakdown="ventilation",
            category="modalite",
            least=pl.col("valeur_min"),
            most=pl.when(shown).then(pl.col("valeur_max").fill_null(float("inf"))),
            value="valeur",
            is_exact=pl.col("diffusion") == "exact",
            is_hidden=pl.col("diffusion") == "non_diffuse",
            is_nothing=pl.col("statut").is_in(SOUGHT_IN_VAIN),
            counted="comptage_personnes",
            base=pl.col("base").cast(pl.Float64),
            stands="stands",
            is_partial=pl.col("is_partial").fill_null(False),
            not_below=pl.col("not_below").cast(pl.Float64),
            not_above=pl.col("not_above").cast(pl.Float64),
        )
        .group_by(
            "indicator", "level", "scope", "period", "breakdown", "category", maintain_order=True
        )
        .agg(
            pl.col("length", "first", "last", "counted", "base", "value").first(),
            pl.col("least", "not_below").max(),
            pl.col("most", "not_above").min(),
            pl.col("is_exact", "is_nothing", "is_hidden", "stands", "is_partial").any(),
        )
        .with_columns(
            distance=pl.max_horizontal(
                pl.col("value") - pl.col("least"), pl.col("most") - pl.col("value")
            )
        )
        .with_columns(
            least=pl.when(shown_now).then(pl.max_horizontal("least", "not_below")),
            most=pl.when(shown_now).then(pl.min_horizontal("most", "not_above")),
        )
    )


def unknowns(published: Published) -> pl.DataFrame:
    """One row each: KEY, level, length, first, last, counted, lower, upper, and what it is.

    `is_published`: bounds of the release say something of it; `is_open`: everybody may know it;
    `stands`: it was published before; `is_partial`: of a territory of which not all places that
    are expected are in it.
    """
    values = read_values(published.values)
    frames = [
        counts(values),
        known_bases(values),
        *parts(values, published.thresholds),
    ]
    found = pl.concat(frames)
    found = pl.concat([found, hidden_places(found, published.members), minors(found, values)])
    kinds = quantities()
    return found.join(kinds, on=["indicator", "part"], how="left").with_row_index("unknown")


SHAPE = (
    "indicator", "part", "level", "scope", "period", "length", "first", "last", "breakdown",
    "category", "counted", "lower", "upper", "is_published", "is_open", "stands",
    "is_partial",
)  # fmt: skip
NOTHING_ELSE = pl.lit(float("inf"))


def shaped(frame: pl.DataFrame, part: str, lower: pl.Expr, upper: pl.Expr) -> pl.DataFrame:
    """Unknowns with these bounds; where everybody knows that there is nothing, it is 0."""
    return frame.with_columns(
        part=pl.lit(part),
        lower=pl.when("is_nothing").then(0.0).otherwise(lower.fill_null(0.0)),
        upper=pl.when("is_nothing").then(0.0).otherwise(upper.fill_null(float("inf"))),
        is_published=pl.col("least").is_not_null(),
        is_open=pl.col("is_nothing") | pl.col("is_exact"),
    ).select(SHAPE)


def counts(values: pl.DataFrame) -> pl.DataFrame:
    of_counts = values.filter(pl.col("indicator").is_in([*COUNTS]))
    return shaped(of_counts, "", pl.col("least"), pl.col("most"))


def known_bases(values: pl.DataFrame) -> pl.DataFrame:
    """The people and hours of which the release gives a quotient by what is known to all."""
    scales = pl.DataFrame(
        [(name, scale) for name, (_quantity, scale) in OF_KNOWN_BASE.items()],
        {"indicator": pl.String, "scale": pl.Float64},
        orient="row",
    )
    frame = values.join(scales, on="indicator")
    size = pl.col("base") / pl.col("scale")
    return shaped(frame, "numerator", pl.col("least") * size, pl.col("most") * size)


def parts(values: pl.DataFrame, thresholds: Thresholds) -> list[pl.DataFrame]:
    """Numerators and denominators of shares: what a threshold says is all that is known yet."""
    shares = values.filter(pl.col("indicator").is_in([*QUOTIENTS]))
    is_shown = pl.col("least").is_not_null()
    is_coarse = pl.col("distance") > (thresholds.coarse_points - 1) / 100
    is_of_people = pl.col("indicator") == "recurring_ties_per_100"
    least_cases = (
        pl.when(is_of_people)
        .then(thresholds.at_least(thresholds.people))
        .when(is_coarse)
        .then(thresholds.at_least(thresholds.coarse_cases))
        .otherwise(thresholds.at_least(thresholds.cases))
        .cast(pl.Float64)
    )
    most_cases = (
        pl.when(is_of_people)
        .then(thresholds.at_most_below(thresholds.people))
        .when(is_coarse)
        .then(thresholds.at_most_below(thresholds.cases))
        .cast(pl.Float64)
    )
    too_few = (
        pl.when(is_of_people)
        .then(thresholds.at_most_below(thresholds.people))
        .otherwise(thresholds.at_most_below(thresholds.coarse_cases))
        .cast(pl.Float64)
    )
    is_too_few = (pl.col("level") == PLACE) & pl.col("is_hidden")
    upper = pl.when(is_shown & ~is_of_people).then(most_cases).when(is_too_few).then(too_few)
    lower = pl.when(is_shown).then(least_cases)
    none = pl.lit(None, dtype=pl.Float64)
    return [shaped(shares, "numerator", none, none), shaped(shares, "denominator", lower, upper)]


def hidden_places(found: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """What places have of a figure of their territory that is not in the release at places.

    Only of indicators of which places have figures: of the others nothing else is known.
    """
    at_places = found.filter(pl.col("level") == PLACE)
    known = at_places.select("indicator", "part").unique()
    above = found.filter(pl.col("level") != PLACE).join(known, on=["indicator", "part"])
    return (
        above.join(members, on="scope")
        .with_columns(
            level=pl.lit(PLACE),
            scope="place",
            counted=pl.lit(None, dtype=pl.String),
            lower=pl.lit(0.0),
            upper=NOTHING_ELSE,
            is_published=pl.lit(False),
            is_open=pl.lit(False),
            stands=pl.lit(False),
            is_partial=pl.lit(False),
        )
        .select(SHAPE)
        .unique(KEY, maintain_order=True)
        .join(at_places, on=KEY, how="anti")
    )


def minors(found: pl.DataFrame, values: pl.DataFrame) -> pl.DataFrame:
    """The two age bands below 18, where an index knows them apart."""
    indices = values.filter(
        (pl.col("indicator") == "age_mix_index") & pl.col("least").is_not_null()
    ).select("scope", "period")
    together = found.filter(
        (pl.col("indicator") == "persons_reached")
        & (pl.col("breakdown") == INDICES["age_mix_index"][0])
        & (pl.col("category") == MINORS_TOGETHER)
    ).join(indices, on=["scope", "period"])
    return pl.concat(
        together.with_columns(
            category=pl.lit(band),
            lower=pl.lit(0.0),
            upper=NOTHING_ELSE,
            is_published=pl.lit(False),
        )
        for band in MINORS
    ).select(SHAPE)


def quantities() -> pl.DataFrame:
    """How every indicator and part adds up, as a table to join."""
    rows: list[tuple[str, str, Quantity]] = [(name, "", one) for name, one in COUNTS.items()]
    rows += [(name, "numerator", one) for name, (one, _scale) in OF_KNOWN_BASE.items()]
    for name, (numerator, denominator) in QUOTIENTS.items():
        rows += [(name, "numerator", numerator), (name, "denominator", denominator)]
    return pl.DataFrame(
        [
            (name, part, one.over_time, one.over_places, one.grain, one.is_whole, one.limit)
            for name, part, one in rows
        ],
        {
            "indicator": pl.String, "part": pl.String, "over_time": pl.String,
            "over_places": pl.String, "grain": pl.Float64, "is_whole": pl.Boolean,
            "limit": pl.Int64,
        },
        orient="row",
    )  # fmt: skip
