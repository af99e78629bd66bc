"""Names that nobody bears: syllables put together, with the accents that real exports have."""

import random
import unicodedata

MAIL_DOMAIN = "exemple.test"

FAMILY_PARTS = (
    ("Bré", "Cha", "Dou", "Fer", "Gué", "Hau", "Jou", "Lan", "Mé", "Nor", "Pré", "Rou", "Thé",
     "Vau", "Zé", "Ché"),
    ("la", "ni", "mou", "ré", "vi", "ber", "gno", "ti", "çon", "bi"),
    ("quet", "velou", "chon", "rieux", "zac", "mondet", "lierne", "tou", "dreuse", "bray", "fay",
     "gnaire"),
)  # fmt: skip
FIRST_STARTS = (
    "Aé", "Bri", "Célo", "Éli", "Fani", "Gwé", "Iso", "Lué", "Maë", "Noé", "Oré", "Séra", "Tia",
    "Yana", "Zéli", "Chloré",
)  # fmt: skip
FIRST_ENDS = {
    "feminin": ("lys", "nore", "dine", "mira", "belle", "vine"),
    "masculin": ("lin", "dric", "mond", "vian", "tor", "rec"),
}


def family_name(rng: random.Random) -> str:
    return "".join(rng.choice(parts) for parts in FAMILY_PARTS)


def first_name(rng: random.Random, gender: str) -> str:
    return rng.choice(FIRST_STARTS) + rng.choice(FIRST_ENDS[gender])


def email_address(first: str, last: str, number: int) -> str:
    """An address at a domain that cannot exist; the number keeps namesakes apart."""
    return f"{without_accents(first)}.{without_accents(last)}{number}@{MAIL_DOMAIN}".lower()


def without_accents(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(mark for mark in decomposed if not unicodedata.combining(mark))
