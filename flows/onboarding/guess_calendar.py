"""A source of a calendar, proposed from one: the words that have a code, and what is to decide.

Titles may name people: of those only words that stand for a partner or a service are shown, and of
categories those that are often used.
"""

from collections import Counter
from datetime import date
from pathlib import Path

from flows.connectors._ical import read_calendars, text_of
from flows.errors import BatchRefused
from flows.language import _
from flows.network.make import quoted
from flows.onboarding.guess_table import Table
from flows.onboarding.guess_words import known_words, showable
from flows.onboarding.guessed import Guess
from flows.onboarding.header_words import plain
from flows.onboarding.import_registry import slug
from flows.onboarding.new_place import source_head
from schemas.codes import Operator, Service

CALENDAR = ".ics"
PARTNERS = ("mission locale", "cap emploi", "adil", "cidff", "pmi", "assistante sociale", "solia")
"""Who keeps a desk in tiers-lieux, besides the operators of France services."""
NAMES = {"attendance": "activity_id", "service_usage": "service_code"}


def is_calendar(sample: Path) -> bool:
    return sample.suffix.lower() == CALENDAR


def calendar_text(sample: Path, feed: str, folder: Path) -> str:
    """The proposed source, with a table of the words that were found.

    Raises BatchRefused for a file in which no event is.
    """
    titles, categories, days = seen(sample)
    known = words_of(feed)
    found = {word: known[word] for word in known if any(f" {word} " in title for title in titles)}
    lines = source_head(Guess(feed, Table("", 1, {})), sample, folder)
    lines[lines.index('connector = "file"')] = 'connector = "calendar"'
    lines.insert(5, f"from = {min(days, default=date.today())} # " + _("To check"))
    lines.append('delivery = "period"')
    lines += ["", f"[sources.values.{NAMES.get(feed, 'activity_id')}]"]
    lines += [f"{quoted(word)} = {quoted(code)} # " + _("To check") for word, code in found.items()]
    others = {word: times for word, times in categories.items() if plain(word) not in found}
    lines += [_('# To decide: {word} = "…"').format(word=quoted(w)) for w in showable(others)]
    if not found:
        lines.append(_('# To decide (required): {name} = "…"').format(name=_("a word of a title")))
    return "\n".join(lines) + "\n"


def seen(sample: Path) -> tuple[list[str], dict[str, int], list[date]]:
    """The titles and places of the events, how often each category stands there, the first days."""
    titles: list[str] = []
    categories: Counter[str] = Counter()
    days: list[date] = []
    events = [event for found in read_calendars(sample.read_bytes()) for event in found.events]
    for line in (line for event in events for line in event.lines):
        name, _colon, value = text_of(line).partition(":")
        word = name.partition(";")[0].upper()
        if word == "DTSTART" and value[:8].isdigit():
            days.append(date(int(value[:4]), int(value[4:6]), int(value[6:8])))
        elif word == "CATEGORIES":
            categories.update(part.strip() for part in value.split(","))
        if word in ("SUMMARY", "CATEGORIES", "LOCATION"):
            titles.append(f" {plain(value)} ")
    if not events:
        raise BatchRefused(
            _("there is no event in it that tells with whom"), where=sample.name,
            remedy=_("have it shared with all details of its events, not with its availability"),
        )  # fmt: skip
    return titles, categories, days


def words_of(feed: str) -> dict[str, str]:
    """Plain word → the code that is proposed for it."""
    if feed == "service_usage":
        return known_words("service_code", Service.values()).codes
    named = known_words("operator_code", Operator.values()).codes
    return {word: f"{slug(word, None)}-1" for word in (*PARTNERS, *named)}
