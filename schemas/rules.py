"""Why a row is refused, in one French and one English sentence that say what to write instead."""

from typing import NamedTuple


class Rule(NamedTuple):
    fr: str
    en: str


RULES: dict[str, Rule] = {
    # the row could not be read as a row
    "ragged_line": Rule(
        "La ligne n'a pas le même nombre de colonnes que l'en-tête : vérifiez les séparateurs.",
        "The line has not as many columns as the header: check the separators.",
    ),
    "unclosed_quote": Rule(
        "Un guillemet ouvert n'est jamais fermé : fermez-le ou supprimez-le.",
        "A quotation mark is opened and never closed: close it or remove it.",
    ),
    "unreadable_characters": Rule(
        "La ligne contient des caractères illisibles : enregistrez le fichier en UTF-8.",
        "The line has unreadable characters: save the file as UTF-8.",
    ),
    "broken_json": Rule(
        "La ligne n'est pas un objet JSON complet : refaites l'export.",
        "The line is not a complete JSON object: export it again.",
    ),
    "total_row": Rule(
        "C'est une ligne de total, pas un enregistrement : retirez-la.",
        "This is a totals row, not a record: remove it.",
    ),
    "repeated_header": Rule(
        "L'en-tête est répété au milieu du fichier : retirez cette ligne.",
        "The header is repeated inside the file: remove this line.",
    ),
    # a cell could not be read
    "unreadable_timestamp": Rule(
        "La date et l'heure ne se lisent pas : écrivez 03/02/2025 14:05.",
        "The date and time cannot be read: write 03/02/2025 14:05.",
    ),
    "nonexistent_local_time": Rule(
        "Cette heure n'existe pas : la nuit du passage à l'heure d'été saute de 2 h à 3 h.",
        "This time does not exist: clocks jump from 2 to 3 when summer time begins.",
    ),
    "unreadable_date": Rule(
        "La date ne se lit pas ou n'existe pas : écrivez 03/02/2025.",
        "The date cannot be read or does not exist: write 03/02/2025.",
    ),
    "unreadable_integer": Rule(
        "Le nombre entier ne se lit pas : écrivez 12.",
        "The whole number cannot be read: write 12.",
    ),
    "unreadable_decimal": Rule(
        "Le nombre ne se lit pas : écrivez 12,5.", "The number cannot be read: write 12,5."
    ),
    "unreadable_minutes": Rule(
        "La durée ne se lit pas : écrivez 90 (minutes) ou 1h30.",
        "The duration cannot be read: write 90 (minutes) or 1h30.",
    ),
    "unreadable_week_hours": Rule(
        "La durée hebdomadaire ne se lit pas : écrivez 35 ou 17,5.",
        "The weekly hours cannot be read: write 35 or 17,5.",
    ),
    "unreadable_euros": Rule(
        "Le montant ne se lit pas : écrivez 1234,50.", "The amount cannot be read: write 1234,50."
    ),
    "unreadable_boolean": Rule("Écrivez oui ou non.", "Write oui or non."),
    "unreadable_commune": Rule(
        "Aucune commune n'a ce code : écrivez le code INSEE à cinq caractères, pas le code postal.",
        "No commune has this code: write the five-character INSEE code, not the postal code.",
    ),
    "unreadable_siret": Rule(
        "Ce n'est pas un SIRET : quatorze chiffres, sans faute de frappe.",
        "This is not a SIRET: fourteen digits without a typing error.",
    ),
    # the record breaks its contract
    "not_nullable": Rule(
        "Cette information est obligatoire : remplissez la cellule.",
        "This information is required: fill the cell.",
    ),
    "isin": Rule(
        "Ce mot n'est pas dans la liste des valeurs : choisissez-en une, ou ajoutez-la au TOML.",
        "This word is not in the list of values: choose one, or add it to the TOML.",
    ),
    "str_matches": Rule(
        "Ce n'est pas la forme attendue : un identifiant a un chiffre et pas d'espace.",
        "This has not the expected form: an identifier has a digit and no space.",
    ),
    "str_length": Rule("Ce texte est trop long.", "This text is too long."),
    "in_range": Rule("Ce nombre sort des limites permises.", "This number is out of bounds."),
    "greater_than_or_equal_to": Rule(
        "Ce nombre ne peut pas être négatif.", "This number cannot be negative."
    ),
    "no_direct_identifier": Rule(
        "L'identifiant est un téléphone, courriel ou numéro de sécurité sociale : changez-le.",
        "A telephone, e-mail or social-security number is used as an identifier: change it.",
    ),
    "pseudonym_has_kind": Rule(
        "Le pseudonyme et son origine vont ensemble.", "A pseudonym and its origin go together."
    ),
    "leaves_after_arriving": Rule(
        "Le départ précède l'arrivée : corrigez l'une des deux heures.",
        "The departure is before the arrival: correct one of the two times.",
    ),
    "stays_at_most_a_day": Rule(
        "La présence dure plus de 24 heures : corrigez le départ ou laissez-le vide.",
        "The stay is longer than 24 hours: correct the departure or leave it empty.",
    ),
    "one_person_is_one": Rule(
        "Une personne identifiée compte pour une : retirez l'identité ou écrivez 1.",
        "An identified person counts for one: remove the identity or write 1.",
    ),
    "not_in_future": Rule(
        "La date est dans le futur : corrigez-la ou attendez que cela ait eu lieu.",
        "The date is in the future: correct it, or wait until it has happened.",
    ),
    "ends_after_starting": Rule(
        "Le contrat finit avant de commencer : corrigez l'une des deux dates.",
        "The contract ends before it starts: correct one of the two dates.",
    ),
    "staff_has_hours": Rule(
        "Un emploi de l'équipe doit avoir une durée hebdomadaire.",
        "A job of the team needs its weekly hours.",
    ),
    "quantity_has_unit": Rule("Une quantité doit avoir une unité.", "A quantity needs a unit."),
    "enrolment_in_order": Rule(
        "L'inscription finit avant de commencer.", "The enrolment ends before it starts."
    ),
    "sensitive_service_is_anonymous": Rule(
        "Ce service ne garde aucune identité.", "This service keeps no identity."
    ),
}
