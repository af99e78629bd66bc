"""How places call things: headers for each column of the contracts, words for some codes.

All is written as `plain` gives it: without accents, capitals and signs.
"""

import re
import unicodedata

HEADERS: dict[str, tuple[str, ...]] = {
    "record_id": ("n", "no", "num", "numero", "id", "identifiant", "ref", "reference",
                  "record id", "n de passage", "n de contrat", "check in id", "n demande",
                  "n de demande", "numero de demande", "n de dossier", "numero de dossier",
                  "n fiche", "n de fiche", "numero de fiche", "numero fiche", "fiche",
                  "n passage", "numero de passage", "n de visite", "numero de visite",
                  "n contrat", "numero de contrat", "n rdv", "n d ordre", "n ligne", "n dossier"),
    "checked_in_at": ("date", "jour", "arrivee", "date d arrivee", "date arrivee", "entree",
                      "date et heure", "date de visite", "date de passage", "debut",
                      "checked in at", "start at", "arrival", "horodatage", "date de venue",
                      "date de presence", "date de la visite", "date du passage",
                      "jour de visite", "jour de passage", "date d entree", "date visite"),
    "checked_out_at": ("depart", "heure de depart", "heure depart", "date de depart", "sortie",
                       "heure de sortie", "fin", "checked out at", "end at", "departure",
                       "heure de fin", "date de fin", "fin de visite", "heure sortie"),
    "occurred_at": ("date", "jour", "date et heure", "date de la demande", "date du rendez vous",
                    "date d accompagnement", "date de l acte", "horodatage", "start at",
                    "date du rdv", "date de rdv", "date rdv", "date rendez vous", "date demande",
                    "date de l accompagnement", "date accompagnement", "date d intervention",
                    "date de l intervention", "date de visite", "date de la visite",
                    "date de passage", "date de l atelier", "date de la seance",
                    "date d accueil", "rdv"),
    "headcount": ("nombre", "nb", "nombre de personnes", "nb de personnes", "nb personnes",
                  "participants", "nombre de participants", "headcount", "people",
                  "nb participants", "nb de participants", "nb de pers", "nombre de pers",
                  "nombre personnes",
                  "nombre de visiteurs", "nb de visiteurs", "nombre de presents", "nb pers",
                  "reel", "reels", "presents", "venus", "visiteurs", "usagers", "public",
                  "personnes", "passages", "entrees", "comptage", "person", "persons", "count",
                  "visitors", "effectif", "inscrits"),
    "space_code": ("espace", "lieu", "salle", "espace frequente", "service", "activite", "space",
                   "room", "espace utilise", "espace occupe", "activite pratiquee",
                   "lieu frequente", "motif de la visite", "motif de visite", "motif de venue",
                   "motif"),
    "service_code": ("service", "dispositif", "prestation", "type de service", "activite",
                     "service demande", "service rendu", "type de prestation", "type de demande",
                     "nature de la demande", "nature de la visite", "objet de la demande",
                     "objet de la visite", "motif de la visite", "motif de visite",
                     "motif de la demande", "motif du rdv", "motif de venue",
                     "type d accompagnement", "demande", "objet", "motif"),
    "role": ("role", "qualite", "statut de la personne", "profil", "plan", "type d usager",
             "type de public", "categorie"),
    "attendance_status": ("presence", "etat", "statut", "state", "status", "present", "venu",
                          "statut de la reservation", "etat de la reservation"),
    "evidence": ("preuve", "evidence"),
    "usual_work_commune": ("commune de travail", "commune de travail habituelle"),
    "home_commune": ("commune", "code commune", "code insee", "insee", "commune de residence",
                     "commune insee", "commune d habitation", "commune de domicile",
                     "code insee de la commune"),
    "gender": ("genre", "sexe", "gender", "sex", "civilite", "h f", "f h"),
    "social_status": ("situation", "statut social", "situation professionnelle",
                      "situation sociale", "situation d emploi", "statut professionnel",
                      "activite professionnelle"),
    "age_band": ("tranche d age", "age band",  "tranche age", "tranches d age"),
    "updated_at": ("modifie le", "saisi le", "mis a jour le", "derniere modification",
                   "updated at", "date de modification", "modification"),
    "deleted": ("supprime", "deleted"),
    "duration_minutes": ("duree", "duree min", "duree minutes", "temps passe", "duration",
                         "duree en minutes", "duree de l accompagnement", "duree du rdv",
                         "duree de l entretien", "temps", "temps d accompagnement", "duree mn"),
    "theme_code": ("theme", "thematique", "thematique de l accompagnement"),
    "operator_code": ("operateur", "organisme", "partenaire", "administration",
                      "organisme concerne", "partenaire concerne", "administration concernee"),
    "mode": ("mode", "modalite", "format", "mode d accueil", "mode d accompagnement",
             "mode de contact", "mode de rdv", "modalites", "modalite d accueil",
             "modalite d accompagnement", "type d accueil", "canal", "canal de contact",
             "type de rdv"),
    "location": ("lieu", "lieu de realisation", "location", "lieu de l accompagnement",
                 "lieu du rdv", "lieu d intervention"),
    "autonomy": ("autonomie", "autonomy", "degre d autonomie", "niveau d autonomie"),
    "outcome": ("suite", "suite donnee", "resultat", "issue", "outcome", "suites",
                "suites donnees", "resultat de la demande", "resolu sur place",
                "traite sur place", "regle sur place", "resolu", "regle", "issue de la demande",
                "issue du rdv", "conclusion", "bilan", "etat de la demande"),
    "quantity": ("quantite", "quantity"),
    "unit": ("unite", "unit"),
    "amount_eur_cents": ("montant", "prix", "tarif", "amount", "price", "montant paye",
                         "montant ttc", "tarif applique", "somme"),
    "structure_siret": ("siret", "siret de la structure", "n siret", "numero siret"),
    "enrolled_from": ("inscrit du", "debut d inscription"),
    "enrolled_to": ("inscrit au", "fin d inscription"),
    "relation": ("relation", "relation au lieu", "lien avec le lieu"),
    "employer_siret": ("siret", "siret employeur", "siret de l employeur", "n siret",
                       "numero siret"),
    "contract_type": ("contrat", "nature du contrat", "type de contrat", "contract",
                      "type contrat", "forme du contrat"),
    "started_on": ("debut", "date de debut", "date d embauche", "date d entree", "entree",
                   "start", "date debut", "debut de contrat", "debut du contrat",
                   "date de debut de contrat", "date de debut du contrat", "date embauche",
                   "embauche", "date d arrivee", "date entree", "arrivee"),
    "ended_on": ("fin", "date de fin", "date de sortie", "sortie", "end", "date fin",
                 "fin de contrat", "fin du contrat", "date de fin de contrat",
                 "date de fin du contrat", "date sortie", "date de depart", "depart"),
    "weekly_minutes": ("heures hebdo", "heures par semaine", "heures semaine", "heures",
                       "duree hebdomadaire", "heures hebdomadaires", "nb d heures",
                       "nombre d heures", "nombre d heures par semaine", "temps de travail",
                       "temps de travail hebdomadaire", "duree hebdo", "h semaine", "heures sem",
                       "h sem", "h hebdo", "hebdo"),
    "gross_monthly_eur_cents": ("brut mensuel", "salaire brut", "salaire brut mensuel",
                                "salaire mensuel brut", "remuneration brute",
                                "remuneration brute mensuelle", "brut"),
    "is_insertion": ("insertion", "contrat d insertion", "en insertion", "siae"),
    "post_code": ("poste", "fonction", "poste occupe", "intitule du poste", "metier", "emploi",
                  "emploi occupe"),
    "exit_reason": ("motif de sortie", "sortie", "motif de la sortie", "motif de depart",
                    "motif du depart", "motif de fin de contrat", "motif de fin",
                    "raison de la sortie", "raison du depart"),
}  # fmt: skip

IDENTITY_HEADERS: dict[str, tuple[str, ...]] = {
    "email": ("email", "e mail", "mail", "courriel", "adresse mail", "adresse electronique",
              "user email", "adresse e mail", "adresse email", "adresse courriel",
              "adresse de courriel"),
    "last_name": ("nom", "nom de famille", "nom d usage", "nom et prenom", "nom prenom",
                  "prenom nom", "usager", "last name", "name", "nom et prenoms", "nom complet",
                  "nom de l usager", "nom usager", "nom du visiteur", "nom du salarie",
                  "nom de la personne", "nom du beneficiaire", "beneficiaire", "visiteur"),
    "first_name": ("prenom", "prenoms", "first name", "prenom de l usager", "prenom usager",
                   "prenom du beneficiaire"),
    "birth_date": ("ne le", "date de naissance", "naissance", "birth date", "birthday",
                   "user birthday", "nee le", "date naissance", "date de naiss", "ddn"),
    "source_id": ("matricule", "n adherent", "numero d adherent", "n d adherent", "n usager",
                  "n de carte", "carte", "user id", "member id", "n de badge", "badge",
                  "numero de carte", "numero usager", "identifiant usager", "n de l usager",
                  "n beneficiaire", "code adherent", "n de salarie"),
}  # fmt: skip

HOUR_HEADERS = ("heure", "heure d arrivee", "heure arrivee", "heure de debut", "heure du rdv",
                "heure de rdv", "heure du rendez vous", "time", "hour")  # fmt: skip

KINDS = {"type", "categorie", "nombre", "nb", "statut", "profil"}
"""`Type de bénéficiaire` holds no name."""

FREE_TEXT = (
    "commentaire", "remarque", "observation", "note", "description", "message", "precision",
    "besoin", "detail", "comment", "telephone", "tel", "portable", "adresse", "phone",
)  # fmt: skip
"""A header with one of these words is never mapped: its cells may say anything of anybody."""

DOUBTFUL = {"effectif", "inscrits"}
"""Headers of those who are enrolled as often as of those who came."""
COUNT_WORDS = {
    "nb", "nombre", "de", "d", "public", "matin", "midi", "apres", "soir", "soiree", "journee",
    "hommes", "femmes", "filles", "garcons", "homme", "femme", "h", "f", "enfants", "adultes",
    "ados", "adolescents", "jeunes", "seniors", "mineurs", "majeurs", "visiteurs", "usagers",
    "participants", "personnes", "adherents", "habitants", "entrees", "passages",
    "pers", "presents", "presentes", "venus", "venues", "accueillis", "accueillies", "recus",
    "recues", "parents", "retraites", "scolaires", "autres", "autre",
}  # fmt: skip
"""A header of these words alone, over whole numbers, says which people are counted there."""
GENDER_WORDS = {
    "femmes": "feminin", "femme": "feminin", "f": "feminin", "filles": "feminin",
    "hommes": "masculin", "homme": "masculin", "h": "masculin", "garcons": "masculin",
}  # fmt: skip
UNTOLD = {
    "autre", "autres", "non binaire", "non renseigne", "non renseignes", "non precise", "nr", "nsp",
    "non communique", "inconnu", "inconnus", "ne se prononce pas", "indetermine",
}  # fmt: skip
"""Counts of those of whom it was not said whether they are women or men."""
HOUR_WORDS = {"heure", "h", "entree", "sortie", "arrivee", "depart", "debut", "fin"}
SUM_WORDS = {"total", "totaux", "nb", "nombre", "somme", "cumul", "ensemble"}
TEAM_WORDS = {"animateur", "animatrice", "salarie", "salariee", "mediateur", "mediatrice",
              "permanent", "permanente", "encadrant", "encadrante", "agent"}  # fmt: skip
"""Whose hours these are: those of the team, who are no visitors."""
MISSING_WORDS = {
    "nan", "null", "n.c.", "nc", "n/c", "-", "--", "n/a", "na", "nd", "n.d.", "?", "nsp", "ns", "/",
    "n/d", "nr", "n.r.", "non compté", "non relevé", "non renseigné", "hs", "#n/a",
}  # fmt: skip
"""What stands in a column of numbers where nobody knows the number."""
NOT_PEOPLE = {
    "age", "annee", "montant", "prix", "tarif", "duree", "minutes", "heures", "code", "postal",
    "numero", "n", "no", "id", "ref", "telephone", "tel", "note", "quantite", "total", "poste",
    "semaine", "sem", "mois", "jour", "prevision", "prevu", "inscrits", "effectif", "capacite",
}  # fmt: skip
"""Numbers under a header with one of these words count nobody who came."""

WORDS: dict[str, dict[str, str]] = {
    "gender": {"femme": "feminin", "f": "feminin", "homme": "masculin", "h": "masculin",
               "m": "masculin", "mme": "feminin", "madame": "feminin",
               "monsieur": "masculin", "woman": "feminin", "man": "masculin"},
    "role": {"adherent": "usager", "visiteur": "usager", "salarie": "equipe", "staff": "equipe"},
    "attendance_status": {"oui": "present", "venu": "present", "non": "absent", "p": "present",
                          "retard": "present", "a": "absent", "abs": "absent", "exc": "absent",
                          "excuse": "absent", "e": "absent", "annulee": "annule",
                          "absente": "absent",
                          "absents": "absent", "non venu": "absent", "pas venu": "absent",
                          "lapin": "absent", "no show": "absent", "desiste": "annule",
                          "desistement": "annule", "reporte": "annule", "venue": "present",
                          "annulation": "annule", "confirme": "present",
                          "confirmee": "present", "fait": "present",
                          "reserved": "present", "canceled": "annule"},
    "space_code": {"espace de coworking": "coworking", "fab lab": "fablab", "grande salle": "salle",
                   "petite salle": "salle", "salle commune": "salle",
                   "salle de reunion": "salle", "reunion": "salle",
                   "bureau partage": "coworking"},
    "service_code": {"conseiller numerique": "mediation_numerique",
                     "aide numerique": "mediation_numerique", "bureau partage": "coworking"},
    "operator_code": {"caf": "cnaf", "cpam": "cnam", "assurance maladie": "cnam",
                      "ants": "france_titres", "impots": "dgfip", "carsat": "cnav",
                      "pole emploi": "france_travail", "poste": "la_poste"},
    "social_status": {"salarie": "en_emploi", "demandeur d emploi": "sans_emploi",
                      "etudiant": "scolarise"},
    "contract_type": {"contrat d apprentissage": "APPRENTISSAGE", "gerance": "DIRIGEANT",
                      "micro entreprise": "INDEPENDANT", "auto entrepreneur": "INDEPENDANT"},
    "mode": {"groupe": "collectif", "en groupe": "collectif", "collective": "collectif",
             "atelier": "collectif", "atelier collectif": "collectif",
             "individuelle": "individuel", "en individuel": "individuel",
             "entretien individuel": "individuel", "rdv individuel": "individuel",
             "telephone": "a_distance", "par telephone": "a_distance", "tel": "a_distance",
             "visio": "a_distance", "en visio": "a_distance", "visioconference": "a_distance",
             "mail": "a_distance", "par mail": "a_distance", "courriel": "a_distance"},
    "outcome": {"regle": "resolu_sur_place", "resolu": "resolu_sur_place",
                "regle sur place": "resolu_sur_place", "traite sur place": "resolu_sur_place",
                "oriente ailleurs": "oriente", "reoriente": "oriente", "orientation": "oriente",
                "redirige": "oriente", "a suivre": "a_poursuivre", "a revoir": "a_poursuivre",
                "en cours": "a_poursuivre", "abandon": "abandonne"},
}  # fmt: skip


def plain(text: str) -> str:
    """`  Né(e) le ` and `NE LE` are one: `ne le`."""
    without = re.sub(r"\([es]+\)|[·.]e\b", "", text.lower())
    ascii_text = unicodedata.normalize("NFKD", without).encode("ascii", "ignore").decode()
    return " ".join(re.sub(r"[^a-z0-9]+", " ", ascii_text).split())
