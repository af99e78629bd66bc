"""How a page says numbers, days, periods and codes, in French or in English."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flows.language import N_, said_in
from schemas import FEEDS
from schemas.codes import Code

THIN, HARD = "\u202f", "\u00a0"
MONTHS = {
    "fr": ("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
           "octobre", "novembre", "décembre"),
    "en": ("January", "February", "March", "April", "May", "June", "July", "August", "September",
           "October", "November", "December"),
}  # fmt: skip
SHORT = {
    "fr": ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.",
           "nov.", "déc."),
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
}  # fmt: skip
ENGLISH = {
    "unite": {
        "persons": "people", "visits": "visits", "acts": "acts", "jobs": "jobs",
        "organisations": "organisations", "sessions": "sessions", "hours": "hours", "days": "days",
        "kg": "kilograms", "fte": "full-time equivalents", "share": "share", "ratio": "ratio",
        "per_mille": "per thousand", "index": "index, from 0 to 1",
        "per_hundred": "per hundred people", "median_days": "days, median",
    },
    "domaine": {"cohesion": "Social cohesion", "economy": "Economy"},
    "granularite": {
        "mois": "Month", "trimestre": "Quarter", "annee": "Year", "convention": "Grant",
    },
    "niveau": {
        "lieu": "Place", "epci": "Intercommunality", "departement": "Département",
        "portefeuille": "Portfolio", "reseau": "Network",
    },
    "statut": {
        "ok": "Complete", "partial": "Incomplete", "missing": "Nothing arrived",
        "too_early": "Too early", "not_open": "Not open yet", "open": "Open", "closed": "Closed",
        "not_applicable": "Not applicable", "atteint": "Reached", "non_atteint": "Not reached",
        "identified_per_source": "Complete; people recognised in one tool only",
        "not_due": "Not late yet", "no_open_day": "Closed all month", "not_used": "Not used",
        "en_cours": "Running", "terminee": "Ended", "a_venir": "To come",
        "some_places": "Complete for some of the places", "indecidable": "Undecidable",
        "non_disponible": "Not available",
    },
    "ventilation": {
        "ensemble": "All", "tranche_age": "Age band", "genre": "Gender",
        "statut_social": "Social status", "service": "Service", "type_contrat": "Contract type",
        "mode": "Mode", "lieu_realisation": "Location", "operateur": "Operator",
        "thematique": "Theme", "preuve": "Evidence",
    },
    "ensemble": {"ensemble": "All"},
    "tranche_age": {"moins_de_dix_huit": "Under 18"},
    "flux": {name: feed.words[1].capitalize() for name, feed in FEEDS.items()},
    "rythme": {
        "daily": "Every day", "weekly": "Every week", "monthly": "Every month",
        "quarterly": "Every quarter", "yearly": "Every year", "occasional": "At times",
    },
    "gravite": {
        "critical": "Stops the release", "warning": "Reported", "info": "For information",
    },
    "sens": {
        "up": "Higher is better", "down": "Lower is better", "neutral": "Neither is better",
    },
    "decompte": {
        "cumul": "Over the whole time", "moyenne": "Mean of the months",
        "a_la_fin": "The last month",
    },
}  # fmt: skip
"""What the release says in French alone: list → code → English."""
OF_CODES = {member.fr: member.en for kind in Code.__subclasses__() for member in kind}
"""French label of a category → its English one."""


@dataclass(frozen=True)
class Words:
    """One language, and the French labels of the release: (list, code) → label."""

    language: str
    labels: Mapping[tuple[str, str], str]

    def say(self, message: str) -> str:
        return said_in(self.language, message)

    @property
    def colon(self) -> str:
        return HARD + ": " if self.language == "fr" else ": "

    def label(self, name: str, code: str | None) -> str:
        """Of a code, by the list that it stands in."""
        if code is None:
            return ""
        french = self.labels.get((name, code), code)
        if self.language == "fr":
            return french
        return ENGLISH.get(name, {}).get(code) or OF_CODES.get(french, french)

    def unit(self, code: str) -> str:
        """A share is shown per cent, and so it is not said that it lies between 0 and 1."""
        return self.say(N_("share")) if code == "share" else self.label("unite", code)

    def shown(self, text: str) -> str:
        """What the release shows, as people write it: `1 755`, `85 %`, `20 et plus`."""
        if self.language == "en":
            text = text.replace(",", ".").replace(" %", "%").replace(" et plus", " or more")
            return re.sub(r"(?<![.\d])\d{4,}", lambda found: f"{int(found[0]):,}", text)
        text = re.sub(
            r"(?<![,\d])\d{4,}", lambda found: f"{int(found[0]):,}".replace(",", THIN), text
        )
        return text.replace(" %", HARD + "%")

    def number(self, value: float | None, unit: str = "") -> str:
        """A number of the release that it has no text for: targets, bounds, sums of money."""
        if value is None:
            return ""
        if unit == "share":
            return self.shown(f"{100 * float(value):.6g} %".replace(".", ","))
        text = f"{value:.3f}".rstrip("0").rstrip(".")
        return self.shown(text.replace(".", ","))

    def day(self, day: date | None) -> str:
        if day is None:
            return ""
        return f"{day:%d/%m/%Y}" if self.language == "fr" else f"{day:%Y-%m-%d}"

    def span(self, first: date, last: date) -> str:
        return self.say(N_("from {first} to {last}")).format(
            first=self.day(first), last=self.day(last)
        )

    def month(self, day: date) -> str:
        return f"{MONTHS[self.language][day.month - 1]} {day.year}"

    def short_month(self, day: date) -> str:
        return f"{SHORT[self.language][day.month - 1]} {day.year % 100:02}"

    def period(self, code: str, kind: str, start: date) -> str:
        """`2026-10`, `2026-T3`, `2026`; a grant keeps its own name."""
        if kind == "mois":
            return self.month(start)
        if kind == "trimestre":
            number = (start.month + 2) // 3
            if self.language == "en":
                return f"Q{number} {start.year}"
            return f"{number}{'er' if number == 1 else 'e'} trimestre {start.year}"
        return code
