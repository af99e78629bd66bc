"""What the documents say in words, French then English."""

from typing import NamedTuple

from schemas import FEEDS


class Words(NamedTuple):
    fr: str
    en: str


FACTS = {
    "area": Words("Domaine", "Area"),
    "unit": Words("Unité", "Unit"),
    "direction": Words("Sens", "Direction"),
    "source": Words("Source de la définition", "Source of the definition"),
    "headline": Words("Mis en avant", "Headline"),
    "counts_people": Words("Compte des personnes différentes", "Counts distinct people"),
    "services": Words("Seulement pour les lieux qui offrent", "Only for places that offer"),
    "feeds": Words("Flux nécessaires", "Feeds that are needed"),
    "only": Words("Ce qu'une source doit pouvoir dire", "What a source must be able to say"),
    "breakdowns": Words("Ventilations", "Breakdowns"),
    "periods": Words("Périodes", "Periods"),
    "scopes": Words("Territoires", "Scopes"),
    "looks_back_days": Words(
        "Historique nécessaire avant la période", "History that is needed before the period"
    ),
    "looks_back_from": Words("Compté depuis", "Counted from"),
    "looks_ahead_days": Words("Peut encore bouger après la période", "Can move after the period"),
}
"""Key of a header → its words. A key without words is shown under its own name."""

VALUES = {name: Words(*feed.words) for name, feed in FEEDS.items()} | {
    "cohesion": Words("cohésion sociale", "social cohesion"),
    "economy": Words("économie", "economy"),
    "persons": Words("personnes", "persons"),
    "visits": Words("passages", "visits"),
    "share": Words("part, de 0 à 1", "share, from 0 to 1"),
    "acts": Words("actes", "acts"),
    "fte": Words("équivalents temps plein", "full-time equivalents"),
    "jobs": Words("emplois", "jobs"),
    "organisations": Words("structures", "organisations"),
    "sessions": Words("permanences", "sessions"),
    "hours": Words("heures", "hours"),
    "days": Words("journées", "days"),
    "kg": Words("kilogrammes", "kilograms"),
    "per_mille": Words("pour mille", "per mille"),
    "per_hundred": Words("pour cent personnes", "per hundred people"),
    "index": Words("indice, de 0 à 1", "index, from 0 to 1"),
    "ratio": Words("rapport", "ratio"),
    "median_days": Words("jours, médiane", "days, median"),
    "up": Words("plus haut est mieux", "higher is better"),
    "down": Words("plus bas est mieux", "lower is better"),
    "neutral": Words("ni l'un ni l'autre n'est mieux", "neither way is better"),
    "month": Words("mois", "month"),
    "quarter": Words("trimestre", "quarter"),
    "year": Words("année", "year"),
    "convention": Words("convention", "convention"),
    "place": Words("lieu", "place"),
    "epci": Words("EPCI", "EPCI"),
    "departement": Words("département", "département"),
    "network": Words("réseau", "network"),
    "portfolio": Words("portefeuille", "portfolio"),
    "age_band": Words("tranche d'âge", "age band"),
    "gender": Words("genre", "gender"),
    "social_status": Words("statut social", "social status"),
    "service": Words("service", "service"),
    "contract_type": Words("nature du contrat", "kind of contract"),
    "mode": Words("mode", "mode"),
    "location": Words("lieu de réalisation", "location"),
    "operator": Words("opérateur", "operator"),
    "theme": Words("thématique", "theme"),
    "evidence": Words("preuve", "evidence"),
    "start": Words("le début de la période", "the start of the period"),
    "end": Words("la fin de la période", "the end of the period"),
}
NOTHING = {
    "services": Words("tous les lieux", "every place"),
    "feeds": Words("tous ceux que lit le SQL", "all that the SQL reads"),
    "breakdowns": Words("aucune", "none"),
    "only": Words("ce que demandent les tables lues", "what the tables that it reads ask for"),
}
"""What an empty list means."""
NONE = Words("aucune", "none")
YES = Words("oui ; ne s'additionne jamais", "yes; never to be summed")
YES_PLAIN, NO = Words("oui", "yes"), Words("non", "no")
DAYS = Words("{n} jours", "{n} days")
NO_DAYS = Words("rien", "nothing")

TABLES = {f"core.{name}": Words(*feed.rows) for name, feed in FEEDS.items()} | {
    "registry.open_slot": Words("heures d'ouverture", "opening hours"),
    "registry.grant": Words("subventions déclarées", "declared grants"),
    "registry.place": Words("ce que déclare un lieu", "what a place declares"),
    "registry.open_day": Words("jours d'ouverture", "open days"),
    "registry.source": Words("outils des lieux", "tools of the places"),
    "registry.catchment": Words("communes desservies", "communes served"),
    "registry.period": Words("périodes", "periods"),
    "registry.commune": Words("communes", "communes"),
    "ledger.proof": Words("jours dont les données sont arrivées", "days whose data arrived"),
}
"""What the rows of a given table are."""

COLUMNS = {
    "place_id": Words("Le lieu.", "The place."),
    "source_id": Words(
        "L'outil du lieu d'où vient la ligne.", "The tool of the place that the row comes from."
    ),
    "feed": Words("Le flux dont le jour est prouvé.", "The feed whose day is proven."),
    "day": Words("Le jour.", "The day."),
    "opens_at": Words("Ouverture.", "Opening."),
    "closes_at": Words("Fermeture.", "Closing."),
    "is_recorded": Words(
        "Vrai si des données du jour sont arrivées, même pour dire que personne n'est venu.",
        "True where data of the day arrived, be it to say that nobody came.",
    ),
    "grant_id": Words("La subvention.", "The grant."),
    "portfolio_id": Words(
        "Le portefeuille de lieux auquel la subvention est donnée.",
        "The portfolio of places to which the grant is given.",
    ),
    "starts_on": Words("Premier jour.", "First day."),
    "ends_before": Words("Le lendemain du dernier jour.", "The day after the last."),
    "coverage": Words("Ce que prouve une livraison.", "What a delivery proves."),
    "from_day": Words("Premier jour dont parle l'outil.", "First day of which the tool speaks."),
    "until_day": Words("Dernier jour dont parle l'outil.", "Last day of which the tool speaks."),
    "rhythm": Words("Rythme des livraisons.", "Rhythm of the deliveries."),
    "has_identity": Words("L'outil reconnaît les personnes.", "The tool knows people."),
    "period_type": Words("Longueur de la période.", "Length of the period."),
    "name": Words("Nom.", "Name."),
    "type": Words(
        "Commune, arrondissement ou partie d'une commune.",
        "Commune, arrondissement or part of a commune.",
    ),
    "commune_code": Words("Code de la commune.", "Code of the commune."),
    "current_commune_code": Words(
        "Commune dont elle fait partie aujourd'hui.", "Commune of which it is a part today."
    ),
    "departement_code": Words("Code du département.", "Code of the département."),
    "epci_code": Words("SIREN de l'EPCI.", "SIREN of the EPCI."),
    "population": Words("Habitants.", "Inhabitants."),
    "is_frr": Words("Classée France ruralités revitalisation.", "Listed as FRR."),
    "rank": Words("Place dans la liste des communes.", "Position in the list of communes."),
    "opened_on": Words("Jour d'ouverture du lieu.", "Day on which the place opened."),
    "campus_weekly_minutes": Words(
        "Minutes de présence par semaine que demande le campus.",
        "Minutes of presence a week that the campus asks for.",
    ),
}
"""Columns of given tables that no contract describes."""

RESULTS = {
    "scope_id": Words(
        "Pour qui : un lieu (`p1`), un EPCI (`epci:` et son SIREN), un département "
        "(`departement:02`) ou tout le réseau (`network`).",
        "For whom: a place (`p1`), an EPCI (`epci:` and its SIREN), a département "
        "(`departement:02`) or the whole network (`network`).",
    ),
    "period_id": Words(
        "Quand : un mois (`2026-01`), un trimestre (`2026-T1`) ou une année (`2026`).",
        "When: a month (`2026-01`), a quarter (`2026-T1`) or a year (`2026`).",
    ),
    "breakdown": Words(
        "La caractéristique selon laquelle le chiffre est détaillé.",
        "The characteristic by which the figure is split.",
    ),
    "category": Words("La valeur de cette caractéristique.", "The value of this characteristic."),
    "numerator": Words(
        "Ce qui est compté : ce que la formule dit avant le signe ÷, ou en entier.",
        "What is counted: what the formula says before the sign ÷, or as a whole.",
    ),
    "denominator": Words(
        "Ce à quoi on le rapporte : ce qui suit le signe ÷. Vide s'il n'y a rien à diviser.",
        "What it is set against: what follows the sign ÷. Empty where nothing is to be divided.",
    ),
    "persons": Words(
        "Combien de personnes identifiées sont derrière le chiffre. Les petits nombres sont "
        "cachés à la publication.",
        "How many identified people are behind the figure. Small numbers are hidden when it is "
        "published.",
    ),
    "observed": Words(
        "Combien de cas ont été observés derrière le chiffre.",
        "How many cases were observed behind the figure.",
    ),
    "observed_share": Words(
        "La part de la base du chiffre qui a été observée, et non réservée ou déclarée.",
        "The part of the figure's base that was observed, and not booked or declared.",
    ),
    "value": Words(
        "Le chiffre : numérateur ÷ dénominateur, ou le numérateur seul. Vide quand il ne peut pas "
        "être donné ; `status` dit pourquoi.",
        "The figure: numerator ÷ denominator, or the numerator alone. Empty where it cannot be "
        "given; `status` says why.",
    ),
    "status": Words(
        "Si l'on peut croire le chiffre : voir plus bas.",
        "Whether the figure may be believed: see below.",
    ),
    "completeness": Words(
        "Part des jours attendus dont les données sont arrivées.",
        "Share of the expected days whose data arrived.",
    ),
}
"""Columns of expected tables."""

STATUSES = {
    "ok": Words(
        "Tous les jours attendus sont arrivés. Zéro est alors un vrai zéro.",
        "All expected days arrived. Zero is then a true zero.",
    ),
    "identified_per_source": Words(
        "De même, mais certaines personnes ne sont reconnues que dans un seul outil : elles "
        "peuvent compter deux fois.",
        "The same, but some people are known to one tool alone: they may count twice.",
    ),
    "some_places": Words(
        "Au-dessus d'un lieu : des lieux n'avaient toujours pas de chiffre 120 jours après la fin "
        "de la période ; c'est celui des autres.",
        "Above a place: some places still had no figure 120 days after the end of the period; it "
        "is that of the others.",
    ),
    "partial": Words("Il manque des jours attendus.", "Some expected days are missing."),
    "missing": Words("Rien n'est arrivé pour la période.", "Nothing arrived for the period."),
    "too_early": Words(
        "Le chiffre demande un historique, ou un recul, qui n'existe pas encore.",
        "The figure needs a history, or a time to look back from, that is not there yet.",
    ),
    "not_open": Words("Le lieu n'était pas encore ouvert.", "The place was not open yet."),
    "closed": Words("Le lieu était définitivement fermé.", "The place had closed for good."),
    "not_applicable": Words(
        "Le lieu n'offre pas ce service ou ne transmet pas ces données.",
        "The place does not offer this service or does not send these data.",
    ),
}
