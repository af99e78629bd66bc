"""Code lists of the three feeds, each value with its French and English label.

Origins: age bands, gender, social status and autonomy follow La Coop de la médiation numérique;
exit reasons follow the categories of insertion par l'activité économique; operators are the
national partners of France services.
"""

from enum import Enum


class Code(str, Enum):
    """One value of a code list; it compares equal to its text and carries two labels."""

    fr: str
    en: str

    def __new__(cls, value: str, fr: str, en: str) -> "Code":
        member = str.__new__(cls, value)
        member._value_ = value
        member.fr, member.en = fr, en
        return member

    @classmethod
    def values(cls) -> list[str]:
        """The codes as plain text, in declared order."""
        return [str(member.value) for member in cls]


def french_labels(codes: list[str]) -> dict[str, str]:
    """Code → French label, for the codes of one list."""
    known = next(kind for kind in Code.__subclasses__() if set(codes) <= set(kind.values()))
    return {code: known(code).fr for code in codes}  # type: ignore[call-arg]


TRUE_WORDS = ("oui", "o", "vrai", "true", "yes", "y", "x", "1")
FALSE_WORDS = ("non", "n", "faux", "false", "no", "0")


class AgeBand(Code):
    """Age at the date of the event, never at the date of the computation."""

    UNDER_12 = "moins_de_douze", "Moins de 12 ans", "Under 12"
    FROM_12_TO_17 = "douze_dix_huit", "12 à 17 ans", "12 to 17"
    FROM_18_TO_24 = "dix_huit_vingt_quatre", "18 à 24 ans", "18 to 24"
    FROM_25_TO_39 = "vingt_cinq_trente_neuf", "25 à 39 ans", "25 to 39"
    FROM_40_TO_59 = "quarante_cinquante_neuf", "40 à 59 ans", "40 to 59"
    FROM_60_TO_69 = "soixante_soixante_neuf", "60 à 69 ans", "60 to 69"
    FROM_70 = "soixante_dix_plus", "70 ans et plus", "70 and over"
    UNKNOWN = "non_communique", "Non communiqué", "Not given"


class Gender(Code):
    FEMALE = "feminin", "Féminin", "Female"
    MALE = "masculin", "Masculin", "Male"
    UNKNOWN = "non_communique", "Non communiqué", "Not given"


class SocialStatus(Code):
    IN_SCHOOL = "scolarise", "Scolarisé", "In education"
    UNEMPLOYED = "sans_emploi", "Sans emploi", "Without work"
    EMPLOYED = "en_emploi", "En emploi", "In work"
    RETIRED = "retraite", "Retraité", "Retired"
    UNKNOWN = "non_communique", "Non communiqué", "Not given"


class IdentityKind(Code):
    """What a pseudonym was made from: only the first two hold across the tools of one place."""

    EMAIL = "email", "Adresse électronique", "E-mail address"
    NAME_BIRTH = "name_birth", "Nom et date de naissance", "Name and date of birth"
    SOURCE_ID = "source_id", "Identifiant propre à l'outil", "The tool's own identifier"


class Evidence(Code):
    """How a presence is known; values are never mixed silently."""

    BOOKED = "booked", "Réservé", "Booked"
    CHECKED_IN = "checked_in", "Pointé à l'entrée", "Checked in"
    SEEN = "seen", "Vu par l'équipe", "Seen by staff"
    DECLARED = "declared", "Déclaré", "Declared"
    TICKETED = "ticketed", "Billet contrôlé", "Ticketed"


class Role(Code):
    USER = "usager", "Usager", "User"
    STAFF = "equipe", "Équipe", "Staff"
    VOLUNTEER = "benevole", "Bénévole", "Volunteer"
    SPEAKER = "intervenant", "Intervenant", "Outside speaker or partner"


class AttendanceStatus(Code):
    PRESENT = "present", "Présent", "Present"
    ABSENT = "absent", "Absent", "Absent"
    CANCELLED = "annule", "Annulé", "Cancelled"


class Service(Code):
    COWORKING = "coworking", "Coworking", "Coworking"
    FABLAB = "fablab", "FabLab", "Fab lab"
    MAKERSPACE = "makerspace", "Makerspace", "Maker space"
    SHARED_WORKSHOP = "atelier_partage", "Atelier partagé", "Shared workshop"
    ROOM = "salle", "Salle", "Room"
    TRAINING = "formation", "Formation", "Training"
    DIGITAL_HELP = "mediation_numerique", "Médiation numérique", "Digital mediation"
    FRANCE_SERVICES = "france_services", "France services", "France services desk"
    CAMPUS = "campus_connecte", "Campus connecté", "Campus connecté"
    INCUBATION = "incubation", "Incubation de projets", "Project incubation"
    FOOD = "restauration", "Restauration", "Food"
    CHILDCARE = "petite_enfance", "Petite enfance", "Early childhood"
    TELEMEDICINE = "telemedecine", "Télémédecine", "Telemedicine"
    E_BIKE = "velo_electrique", "Vélo électrique", "Electric bicycle"
    RIDE_SHARING = "autostop", "Autostop citoyen", "Ride sharing"
    EVENT = "evenement", "Événement", "Event"


SENSITIVE_SERVICES = (Service.TELEMEDICINE.value, Service.CHILDCARE.value)
"""Services whose records never keep a person key or a personal attribute."""


class Mode(Code):
    INDIVIDUAL = "individuel", "Individuel", "Individual"
    GROUP = "collectif", "Collectif", "Group"
    REMOTE = "a_distance", "À distance", "Remote"


class Location(Code):
    ON_SITE = "sur_place", "Sur place", "On site"
    OFF_SITE = "hors_les_murs", "Hors les murs", "Off site"
    REMOTE = "a_distance", "À distance", "Remote"


class Autonomy(Code):
    """Ordered from least to most autonomous."""

    FULLY_HELPED = "entierement_accompagne", "Entièrement accompagné", "Fully helped"
    PARTLY = "partiellement_autonome", "Partiellement autonome", "Partly autonomous"
    AUTONOMOUS = "autonome", "Autonome", "Autonomous"


class Outcome(Code):
    RESOLVED = "resolu_sur_place", "Résolu sur place", "Resolved on site"
    TO_FOLLOW = "a_poursuivre", "À poursuivre", "To be continued"
    REFERRED = "oriente", "Orienté", "Referred elsewhere"
    DROPPED = "abandonne", "Abandonné", "Dropped"
    COMPANY_CREATED = "entreprise_creee", "Entreprise créée", "Company created"
    YEAR_PASSED = "annee_validee", "Année validée", "Year passed"
    YEAR_FAILED = "annee_non_validee", "Année non validée", "Year not passed"
    UNKNOWN = "non_communique", "Non communiqué", "Not given"


class Operator(Code):
    FRANCE_TITRES = "france_titres", "France Titres", "France Titres"
    CNAF = "cnaf", "Allocations familiales", "Family allowances"
    CNAM = "cnam", "Assurance maladie", "Health insurance"
    DGFIP = "dgfip", "Finances publiques", "Tax office"
    CNAV = "cnav", "Assurance retraite", "Pension insurance"
    MSA = "msa", "Mutualité sociale agricole", "Farm social insurance"
    FRANCE_TRAVAIL = "france_travail", "France Travail", "Employment service"
    LA_POSTE = "la_poste", "La Poste", "Post office"
    JUSTICE = "justice", "Justice", "Justice"
    ENERGY_CHEQUE = "cheque_energie", "Chèque énergie", "Energy cheque"
    FRANCE_RENOV = "france_renov", "France Rénov'", "France Rénov'"


class Unit(Code):
    HOUR = "heure", "Heure", "Hour"
    DAY = "jour", "Jour", "Day"
    MEAL = "repas", "Repas", "Meal"
    TRIP = "trajet", "Trajet", "Trip"
    PIECE = "unite", "Unité", "Unit"


class Relation(Code):
    STAFF = "equipe", "Équipe du lieu", "Staff of the place"
    HOSTED = "structure_hebergee", "Structure hébergée", "Hosted organisation"


class ContractType(Code):
    CDI = "CDI", "Contrat à durée indéterminée", "Permanent contract"
    CDD = "CDD", "Contrat à durée déterminée", "Fixed-term contract"
    INTERIM = "INTERIM", "Intérim", "Agency work"
    APPRENTICE = "APPRENTISSAGE", "Apprentissage", "Apprenticeship"
    PROFESSIONAL = "PROFESSIONNALISATION", "Professionnalisation", "Work-study contract"
    PEC = "PEC", "Parcours emploi compétences (CUI-CAE)", "Aided contract, non-market"
    CIE = "CIE", "Contrat initiative emploi (CUI-CIE)", "Aided contract, market"
    CDDI = "CDDI", "CDD d'insertion", "Fixed-term integration contract"
    CIVIL_SERVANT = "FONCTIONNAIRE", "Fonctionnaire", "Civil servant"
    PUBLIC_CONTRACT = "CONTRACTUEL_PUBLIC", "Contractuel public", "Public contract staff"
    INDEPENDENT = "INDEPENDANT", "Indépendant", "Self-employed"
    DIRECTOR = "DIRIGEANT", "Dirigeant", "Company director"
    SERVICE_CIVIQUE = "SERVICE_CIVIQUE", "Service civique", "Civic service"
    INTERN = "STAGE", "Stage", "Internship"
    VOLUNTEER = "BENEVOLE", "Bénévole", "Volunteer"


FIXED_TERM = (
    ContractType.CDD.value,
    ContractType.INTERIM.value,
    ContractType.APPRENTICE.value,
    ContractType.PROFESSIONAL.value,
    ContractType.PEC.value,
    ContractType.CIE.value,
    ContractType.CDDI.value,
    ContractType.SERVICE_CIVIQUE.value,
    ContractType.INTERN.value,
)
"""Contracts and commitments that have an end: none written down is a slip, not an open one."""

NOT_JOBS = (
    ContractType.SERVICE_CIVIQUE.value,
    ContractType.INTERN.value,
    ContractType.VOLUNTEER.value,
)
"""Commitments that are never counted as employment."""

WITHOUT_HOURS = (*NOT_JOBS, ContractType.DIRECTOR.value)
"""What needs no weekly hours: a company director has a job, and works for no number of them."""


class Post(Code):
    DIGITAL_ADVISER = "conseiller_numerique", "Conseiller numérique", "Digital adviser"
    FACILITATOR = "animateur", "Animateur", "Facilitator"
    FAB_MANAGER = "fabmanager", "Fab manager", "Fab manager"
    OTHER = "autre", "Autre", "Other"


class ExitReason(Code):
    CDI = "cdi", "CDI (durable)", "Permanent contract (lasting)"
    CDD_LONG = "cdd_plus_6m", "CDD de plus de 6 mois (durable)", "Over 6 months (lasting)"
    PUBLIC = "fonction_publique", "Fonction publique (durable)", "Civil service (lasting)"
    BUSINESS = "creation_entreprise", "Création d'entreprise (durable)", "Business (lasting)"
    CDD_SHORT = "cdd_moins_6m", "CDD de moins de 6 mois (transition)", "Under 6 months (transition)"
    AIDED = "contrat_aide", "Contrat aidé (transition)", "Aided contract (transition)"
    TRAINING = "formation", "Formation qualifiante (positive)", "Training (positive)"
    OTHER_SIAE = "autre_siae", "Autre structure d'insertion (positive)", "Other SIAE (positive)"
    UNEMPLOYED = "chomage", "Chômage", "Unemployment"
    INACTIVE = "inactif", "Inactivité", "Inactivity"
    UNKNOWN = "inconnu", "Inconnu", "Unknown"
    RETIRED = "retraite", "Retraite (neutralisée)", "Retirement (neutralised)"
    DEATH = "deces", "Décès (neutralisé)", "Death (neutralised)"
    ILLNESS = "maladie_longue", "Longue maladie (neutralisée)", "Long illness (neutralised)"


CATCH_ALLS = (Gender.UNKNOWN.value, ExitReason.UNKNOWN.value, Post.OTHER.value)
"""Codes that say nothing: never what somebody who wrote another word meant."""
