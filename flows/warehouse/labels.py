"""The French label of every code that a release shows, by the list that the code stands in."""

from schemas import FEEDS, codes

LISTS: dict[str, type[codes.Code]] = {
    "tranche_age": codes.AgeBand, "genre": codes.Gender, "statut_social": codes.SocialStatus,
    "service": codes.Service, "type_contrat": codes.ContractType, "mode": codes.Mode,
    "lieu_realisation": codes.Location, "operateur": codes.Operator, "preuve": codes.Evidence,
}  # fmt: skip
"""Breakdown, as the release calls it → its codes; a theme is its own label."""

BREAKDOWN_LABELS = {
    "all": "ensemble", "age_band": "tranche_age", "gender": "genre",
    "social_status": "statut_social", "service": "service", "contract_type": "type_contrat",
    "mode": "mode", "location": "lieu_realisation", "operator": "operateur", "theme": "thematique",
    "evidence": "preuve",
}  # fmt: skip
"""Breakdown → its name in the release."""

MINORS = "moins_de_dix_huit"
"""Who is under 18 is one class in what leaves: a code of the release alone."""
MINOR_BANDS = (codes.AgeBand.UNDER_12, codes.AgeBand.FROM_12_TO_17)

UNKNOWN = codes.Gender.UNKNOWN
"""Of whom or what it is not known, in any breakdown."""

BREAKDOWNS = {
    "ensemble": "Ensemble", "tranche_age": "Tranche d'âge", "genre": "Genre",
    "statut_social": "Statut social", "service": "Service", "type_contrat": "Nature du contrat",
    "mode": "Mode", "lieu_realisation": "Lieu de réalisation", "operateur": "Opérateur",
    "thematique": "Thématique", "preuve": "Preuve",
}  # fmt: skip

WORDS = {
    "ventilation": BREAKDOWNS,
    "ensemble": {"ensemble": "Ensemble"},
    "thematique": {UNKNOWN.value: UNKNOWN.fr},
    "niveau": {
        "lieu": "Lieu", "epci": "Intercommunalité", "departement": "Département",
        "portefeuille": "Portefeuille", "reseau": "Réseau",
    },
    "granularite": {
        "mois": "Mois", "trimestre": "Trimestre", "annee": "Année", "convention": "Convention",
    },
    "unite": {
        "persons": "personnes", "visits": "passages", "acts": "actes", "jobs": "emplois",
        "organisations": "structures", "sessions": "permanences", "hours": "heures",
        "days": "journées", "kg": "kilogrammes", "fte": "équivalents temps plein",
        "share": "part, de 0 à 1", "per_mille": "pour mille", "index": "indice, de 0 à 1",
        "per_hundred": "pour cent personnes", "ratio": "rapport", "median_days": "jours, médiane",
    },
    "domaine": {"cohesion": "Cohésion sociale", "economy": "Économie"},
    "sens": {
        "up": "Plus haut est mieux", "down": "Plus bas est mieux",
        "neutral": "Ni l'un ni l'autre n'est mieux",
        "au_moins": "À atteindre", "au_plus": "À ne pas dépasser",
    },
    "diffusion": {
        "arrondi": "Arrondi", "tranche": "Tranche", "exact": "Exact",
        "non_diffuse": "Non diffusé", "non_disponible": "Pas disponible",
        "a_venir": "À venir", "retiree": "Retirée",
    },
    "etat": {"provisoire": "Provisoire", "definitif": "Définitif"},
    "statut": {
        "ok": "Complet", "partial": "Incomplet", "missing": "Rien n'est arrivé",
        "too_early": "Trop tôt", "not_open": "Pas encore ouvert", "open": "Ouvert",
        "closed": "Fermé", "not_applicable": "Sans objet",
        "some_places": "Complet pour une partie des lieux", "not_due": "Pas encore en retard",
        "no_open_day": "Fermé tout le mois", "not_used": "Source pas utilisée",
        "identified_per_source": "Complet ; personnes reconnues dans un seul outil",
        "atteint": "Atteint", "non_atteint": "Non atteint", "en_cours": "En cours",
        "indecidable": "Indécidable", "non_disponible": "Pas disponible",
        "a_venir": "À venir", "terminee": "Terminée",
    },
    "portee": {"ensemble": "Toute la durée", "annee": "Une année de la convention"},
    "comptage_personnes": {
        "par_lieu": "Une fois dans chaque lieu", "unique": "Une fois pour le réseau",
    },
    "flux": {name: feed.words[0].capitalize() for name, feed in FEEDS.items()},
    "rythme": {
        "daily": "Chaque jour", "weekly": "Chaque semaine", "monthly": "Chaque mois",
        "quarterly": "Chaque trimestre", "yearly": "Chaque année", "occasional": "Parfois",
    },
    "decompte": {
        "cumul": "Sur toute la durée", "moyenne": "Moyenne des mois", "a_la_fin": "Le dernier mois",
    },
    "changement": {
        "nouveau": "Nouvelle ligne", "paru": "Paru", "modifie": "Modifié", "disparu": "Disparu",
        "confirme": "Même valeur, autre état ou version",
    },
    "gravite": {
        "critical": "Arrête la publication", "warning": "Signalé", "info": "Pour information",
    },
}  # fmt: skip


def labels() -> list[tuple[str, str, str, int]]:
    """(list, code, label, rank in its list), in the order in which the codes are declared."""
    listed = {
        name: {code.value: code.fr for code in kind} | {UNKNOWN.value: UNKNOWN.fr}
        for name, kind in LISTS.items()
    }
    listed["tranche_age"] = {MINORS: "Moins de 18 ans"} | listed["tranche_age"]
    return [
        (name, code, label, rank)
        for name, words in (WORDS | listed).items()
        for rank, (code, label) in enumerate(words.items(), start=1)
    ]
