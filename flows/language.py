"""What a user reads, in French or English, from one catalogue.

A message is an English sentence in the source, marked with `_`, `ngettext` or, where it is
translated later, `N_`; `flows/locale` has the French one. `make messages` brings the catalogue up
to date. The language is chosen once, when this module is imported.
"""

import gettext
import os
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

LANGUAGES = ("fr", "en")
DOMAIN = "impact"
LOCALE = Path(__file__).with_name("locale")


def language_of(environment: Mapping[str, str]) -> str:
    """`IMPACT_LANG`, else what the locale names, else French: a locale such as C names none."""
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    locale = next((environment[name] for name in names if environment.get(name)), "")
    for wanted in (environment.get("IMPACT_LANG"), re.split(r"[_.@]", locale)[0]):
        if wanted in LANGUAGES:
            return wanted
    return "fr"


def unknown_language(environment: Mapping[str, str]) -> str:
    """The value of `IMPACT_LANG` where it is no language of ours; else nothing."""
    asked = environment.get("IMPACT_LANG", "")
    return "" if asked in LANGUAGES else asked


@cache
def catalogue(language: str) -> gettext.NullTranslations:
    """The messages of one language; those of English are the sentences of the source."""
    if language == "en":
        return gettext.NullTranslations()
    return gettext.translation(DOMAIN, LOCALE, [language])


def N_(message: str) -> str:
    """Mark a sentence for the catalogue where it stands; it is translated where it is shown."""
    return message


def said_in(language: str, message: str) -> str:
    """A message in a language that need not be the user's: the quarantine keeps both."""
    return catalogue(language).gettext(message)


LANGUAGE = language_of(os.environ)
_ = catalogue(LANGUAGE).gettext
ngettext = catalogue(LANGUAGE).ngettext

# Click asks the standard library for its own sentences: `Usage`, `No such option`
gettext.bindtextdomain(DOMAIN, LOCALE)
gettext.textdomain(DOMAIN)
os.environ["LANGUAGE"] = LANGUAGE
