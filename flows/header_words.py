"""How places call things: headers for each column of the contracts, words for some codes.

All is written as `plain` gives it: without accents, capitals and signs.
"""

import re
import unicodedata

HEADERS: dict[str, tuple[str, ...]] = {
    "record_id": ("n", "no", "num", "numero", "id", "identifiant", "ref", "reference", "record id",
                  "n de passage", "n de contrat", "check in id", "n demande",
                  "n de demande", "numero de demande", "n de dossier", "numero de dossier"),
    "checked_in_at": ("date", "jour", "arrivee", "date d arrivee", "date arrivee", "entree",
                      "date et heure", "date de visite", "date de passage", "debut",
                      "checked in at", "start at", "arrival", "horodatage"),
    "checked_out_at": ("depart", "heure de depart", "heure depart", "date de depart", "sortie",
                       "heure de sortie", "fin", "checked out at", "end at", "departure"),
    "occurred_at": ("date", "jour", "date et heure", "date de la demande", "date du rendez vous",
                    "date d accompagnement", "date de l acte", "horodatage", "start at"),
    "headcount": ("nombre", "nb", "nombre de personnes", "nb de personnes", "nb personnes",
                  "participants", "nombre de participants", "effectif", "headcount", "people"),
    "space_code": ("espace", "lieu", "salle", "espace frequente", "service", "activite", "space",
                   "room"),
    "service_code": ("service", "dispositif", "prestation", "type de service", "activite"),
    "role": ("role", "qualite", "statut de la personne", "profil", "plan"),
    "attendance_status": ("presence", "etat", "statut", "state", "status"),
    "evidence": ("preuve", "evidence"),
    "usual_work_commune": ("commune de travail", "commune de travail habituelle"),
    "home_commune": ("commune", "code commune", "code insee", "insee", "commune de residence",
                     "commune insee"),
    "gender": ("genre", "sexe", "gender", "sex"),
    "social_status": ("situation", "statut social", "situation professionnelle"),
    "age_band": ("tranche d age", "age band"),
    "updated_at": ("modifie le", "saisi le", "mis a jour le", "derniere modification",
                   "updated at"),
    "deleted": ("supprime", "deleted"),
    "duration_minutes": ("duree", "duree min", "duree minutes", "temps passe", "duration"),
    "theme_code": ("theme", "thematique"),
    "operator_code": ("operateur", "organisme", "partenaire"),
    "mode": ("mode", "modalite", "format"),
    "location": ("lieu", "lieu de realisation", "location"),
    "autonomy": ("autonomie", "autonomy"),
    "outcome": ("suite", "suite donnee", "resultat", "issue", "outcome"),
    "quantity": ("quantite", "quantity"),
    "unit": ("unite", "unit"),
    "amount_eur_cents": ("montant", "prix", "tarif", "amount", "price"),
    "structure_siret": ("siret", "siret de la structure"),
    "enrolled_from": ("inscrit du", "debut d inscription"),
    "enrolled_to": ("inscrit au", "fin d inscription"),
    "relation": ("relation", "relation au lieu"),
    "employer_siret": ("siret", "siret employeur", "siret de l employeur"),
    "contract_type": ("contrat", "nature du contrat", "type de contrat", "contract"),
    "started_on": ("debut", "date de debut", "date d embauche", "date d entree", "entree", "start"),
    "ended_on": ("fin", "date de fin", "date de sortie", "sortie", "end"),
    "weekly_minutes": ("heures hebdo", "heures par semaine", "heures semaine", "heures",
                       "duree hebdomadaire"),
    "gross_monthly_eur_cents": ("brut mensuel", "salaire brut", "salaire brut mensuel"),
    "is_insertion": ("insertion", "contrat d insertion"),
    "post_code": ("poste", "fonction"),
    "exit_reason": ("motif de sortie", "sortie"),
}  # fmt: skip

IDENTITY_HEADERS: dict[str, tuple[str, ...]] = {
    "email": ("email", "e mail", "mail", "courriel", "adresse mail", "adresse electronique",
              "user email"),
    "last_name": ("nom", "nom de famille", "nom d usage", "nom et prenom", "nom prenom",
                  "prenom nom", "usager", "last name", "name"),
    "first_name": ("prenom", "prenoms", "first name"),
    "birth_date": ("ne le", "date de naissance", "naissance", "birth date", "birthday",
                   "user birthday"),
    "source_id": ("matricule", "n adherent", "numero d adherent", "n d adherent", "n usager",
                  "n de carte", "carte", "user id", "member id"),
}  # fmt: skip

HOUR_HEADERS = ("heure", "heure d arrivee", "heure arrivee", "heure de debut", "time", "hour")

FREE_TEXT = (
    "commentaire", "remarque", "observation", "note", "description", "message", "precision",
    "besoin", "detail", "comment", "telephone", "tel", "portable", "adresse", "phone",
)  # fmt: skip
"""A header with one of these words is never mapped: its cells may say anything of anybody."""

WORDS: dict[str, dict[str, str]] = {
    "gender": {"femme": "feminin", "f": "feminin", "homme": "masculin", "h": "masculin",
               "m": "masculin", "woman": "feminin", "man": "masculin"},
    "role": {"adherent": "usager", "visiteur": "usager", "salarie": "equipe", "staff": "equipe"},
    "attendance_status": {"oui": "present", "venu": "present", "non": "absent",
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
    "mode": {"groupe": "collectif"},
    "outcome": {"regle": "resolu_sur_place", "resolu": "resolu_sur_place",
                "regle sur place": "resolu_sur_place", "oriente ailleurs": "oriente"},
}  # fmt: skip


def plain(text: str) -> str:
    """`  Né(e) le ` and `NE LE` are one: `ne le`."""
    without = re.sub(r"\([es]+\)|[·.]e\b", "", text.lower())
    ascii_text = unicodedata.normalize("NFKD", without).encode("ascii", "ignore").decode()
    return " ".join(re.sub(r"[^a-z0-9]+", " ", ascii_text).split())
