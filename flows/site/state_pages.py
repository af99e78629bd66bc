"""What is said of the release itself: what changed, how good it is, how it was made."""

from collections.abc import Iterator
from typing import Any

from flows.language import N_
from flows.site.network_page import calendar, news
from flows.site.parts import Maker
from flows.site.read import Release, Row, rows
from flows.site.signs import SIGNS

ARRIVED = """
    FROM couverture WHERE mois IN (SELECT DISTINCT mois FROM couverture ORDER BY mois DESC LIMIT 13)
    ORDER BY lieu_id, source, mois
"""
"""A month and the same month of the year before are both in sight."""
APART = 24
"""With more places than these, sources of which everything arrived have no row of their own."""
LISTED = 200
"""Changes of figures, at most; the tables of the release have them all."""


def changes_page(make: Maker) -> dict[str, Any]:
    """What the release says of earlier ones, and what may still change."""
    release, words = make.release, make.words
    return {
        "title": words.say(N_("Changes")),
        "news": news(make),
        "calendar": calendar(make),
        "changed": [*changed(make)],
        "revised": [*revised(make)],
        "breaks": [
            {**row, "place": make.territory("lieu", row["lieu_id"]),
             "day": words.day(row["rupture_le"]), "feed": words.label("flux", row["flux"])}
            for row in release.tables["ruptures"]
        ],
        "versions": [
            {"name": make.name_of(name), "href": f"indicateurs/{name}.html",
             "version": str(row["version"])}
            for name, row in release.indicators.items() if row["version"] > 1
        ],
    }  # fmt: skip


def changed(make: Maker) -> Iterator[dict[str, Any]]:
    """Totals that are others than in the release before, where the release tells it."""
    if "changements" not in make.release.columns:
        return
    sql = """
        FROM changements WHERE ventilation = 'ensemble' AND changement IN ('modifie', 'disparu')
        ORDER BY debut DESC, niveau, territoire_id, indicateur_id LIMIT {count}
    """
    for row in rows(make.release.connection, sql.format(count=LISTED)):
        yield line(make, row, row["affichage_avant"], row["affichage"])


def revised(make: Maker) -> Iterator[dict[str, Any]]:
    """Published figures that were revised or withdrawn, where the release tells it."""
    if "revisions" not in make.release.columns:
        return
    sql = """
        SELECT r.*, v.debut, v.granularite FROM revisions AS r
        LEFT JOIN (SELECT DISTINCT periode, granularite, debut FROM valeurs) AS v USING (periode)
        ORDER BY r.revisee_le DESC, r.indicateur_id, r.territoire_id, r.periode, r.modalite
        LIMIT {count}
    """
    for row in rows(make.release.connection, sql.format(count=LISTED)):
        said = line(make, row, row["avant"], row["apres"])
        yield {**said, "day": make.words.day(row["revisee_le"])}


def line(make: Maker, row: Row, before: str | None, now: str | None) -> dict[str, Any]:
    words = make.words
    where, href = make.territory(row["niveau"], row["territoire_id"])
    period = row["periode"]
    if row["debut"] is not None:
        period = make.period(row["periode"], row["granularite"], row["debut"])
    return {
        "name": make.name_of(row["indicateur_id"]), "where": where, "href": href, "period": period,
        "part": "" if row["modalite"] == "ensemble"
        else words.label(row["ventilation"], row["modalite"]),
        "before": words.shown(before or ""), "now": words.shown(now or ""),
        "reason": row["raison"],
    }  # fmt: skip


def quality_page(make: Maker) -> dict[str, Any]:
    """How each month of each source arrived, what was refused, what was checked."""
    words, release = make.words, make.release
    by_source = months_of_sources(release)
    last = sorted({row["mois"] for months in by_source.values() for row in months})
    is_short = len({place for place, _source in by_source}) > APART
    told = {key: months for key, months in by_source.items() if not is_short or is_told(months)}
    return {
        "title": words.say(N_("Quality")),
        "checks": [
            {
                "said": row["phrase" if words.language == "fr" else "phrase_en"],
                "weight": words.label("gravite", row["gravite"]), "holds": row["respecte"],
            }
            for row in release.tables["qualite"] if row["lieu_id"] is None
        ],
        "months": [words.short_month(month) for month in last],
        "grid": [*grid(make, told)],
        "is_short": is_short,
        "without": [
            (*make.territory("lieu", row["lieu_id"]), words.label("statut", row["statut"]))
            for row in release.tables["lieux"]
            if not release.where("fraicheur", lieu_id=row["lieu_id"])
        ],
        "sources": [
            {
                "place": make.territory("lieu", row["lieu_id"]), "source": row["source"],
                "feed": words.label("flux", row["flux"]),
                "rhythm": words.label("rythme", row["rythme"]),
                "last": words.day(row["derniere_donnee"]), "late": row["retard_jours"],
                **refused(release, row),
            }
            for row in release.tables["fraicheur"]
        ],
    }  # fmt: skip


def months_of_sources(release: Release) -> dict[tuple[str, str], list[Row]]:
    """Place and source → its last ended months, the latest last."""
    found: dict[tuple[str, str], list[Row]] = {}
    for row in rows(release.connection, ARRIVED):
        found.setdefault((row["lieu_id"], row["source"]), []).append(row)
    return found


def is_told(months: list[Row]) -> bool:
    """Did anything that was expected not arrive, or was any of it refused?"""
    return any(row["completude"] not in (None, 1) or row["part_refusee"] for row in months)


def grid(make: Maker, told: dict[tuple[str, str], list[Row]]) -> Iterator[dict[str, Any]]:
    """The sources of each place, in the order of the places."""
    by_place: dict[str, list[dict[str, Any]]] = {}
    for (place_id, source), months in told.items():
        feed = make.words.label("flux", months[0]["flux"])
        by_place.setdefault(place_id, []).append({"source": source, "feed": feed, "months": months})
    for place in make.release.tables["lieux"]:
        if sources := by_place.get(place["lieu_id"]):
            name, href = make.territory("lieu", place["lieu_id"])
            yield {"name": name, "href": href, "sources": sources}


def refused(release: Release, source: Row) -> dict[str, Any]:
    """Rows of a source in hundreds, and why most of the refused ones were."""
    found = release.where("qualite", lieu_id=source["lieu_id"], source=source["source"])
    known = found[0] if found else {}
    return {
        "received": known.get("centaines_recues"), "refused": known.get("centaines_rejetees"),
        "reason": known.get("premier_motif"),
    }  # fmt: skip


def method_page(make: Maker) -> dict[str, Any]:
    """How to read the pages, and by what rules the figures were made."""
    words, about = make.words, make.release.about
    return {
        "title": words.say(N_("Method")),
        "signs": [
            {"name": name, "word": words.say(sign.word), "meaning": words.say(sign.meaning)}
            for name, sign in SIGNS.items() if name != "unknown"
        ],
        "rule": about["regle_secret"],
        "public_secret": about["secret_public"],
        "facts": [
            (words.say(N_("Release")), about["publication_id"]),
            (words.say(N_("Computed on")), words.day(about["calculee_au"])),
            (words.say(N_("Structure")), about["version_schema"]),
            (words.say(N_("Program")), f"impact-tiers-lieux {about['version_logiciel']}"),
            (words.say(N_("Licence")), about["licence"]),
        ],
    }  # fmt: skip
