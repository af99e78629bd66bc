"""A place as its TOML file, with a proposed source; nothing that exists is overwritten."""

import itertools
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from flows.errors import ConfigurationError
from flows.language import _, ngettext
from flows.network.make import quoted
from flows.network.place_files import read_place
from flows.onboarding.guessed import Found, Guess
from flows.onboarding.import_registry import slug
from flows.sources import UNDECIDED
from flows.whole_files import AS_USUAL, written_whole
from schemas import CONTRACTS
from schemas.record import codes_of, stored_columns

ISO_DATE = r"\d{4}-\d{2}-\d{2}"
PERIOD = r"(?<!\d)20\d{2}(?:[-_ ]?(?:[TQS][1-4]|\d{2}(?:[-_ ]?\d{2})?))?(?!\d)"
"""What changes in the name of a file from one export to the next: a day, month, quarter, year."""


@dataclass(frozen=True)
class NewPlace:
    """What a person says of a place."""

    id: str
    name: str
    commune_code: str
    opened_on: date | None = None
    services: tuple[str, ...] = ()


def write_place(folder: Path, place: NewPlace, source: str = "") -> Path:
    """Write `<folder>/<id>.toml` once `read_place` has accepted it.

    Raises ConfigurationError for a file that is there, and for what a place may not be.
    """
    file = folder / f"{place.id}.toml"
    if Path(place.id).name != place.id:
        raise ConfigurationError(
            _("{place_id!r} is not an id").format(place_id=place.id),
            remedy=_("use lower-case letters, digits and hyphens"),
        )
    if file.exists():
        raise ConfigurationError(
            _("this place is already there"),
            where=str(file),
            remedy=_(
                "edit it, or give another --id; for one more source of it, give --id and --from "
                "without --name and --commune"
            ),
        )
    text = place_text(place)
    if source:
        text += "\n" + source
    folder.mkdir(parents=True, exist_ok=True)
    write_read(file, text)
    return file


def add_source(file: Path, source: str) -> None:
    """Write a source at the end of a place's TOML, once `read_place` has accepted the whole.

    Raises ConfigurationError, and leaves the file as it is, for what a source may not be.
    """
    write_read(file, file.read_text(encoding="utf-8").rstrip() + "\n\n" + source)


def write_read(file: Path, text: str) -> None:
    with written_whole(file, AS_USUAL) as unfinished:
        unfinished.write_text(text, encoding="utf-8")
        try:
            read_place(unfinished)
        except ConfigurationError as fault:
            where = fault.where.replace(str(unfinished), _("the new place"))
            raise ConfigurationError(fault.what, where=where, remedy=fault.remedy) from fault


def place_text(place: NewPlace) -> str:
    lines = [
        f"id = {quoted(place.id)}",
        f"name = {quoted(place.name)}",
        f"commune_code = {quoted(place.commune_code)}",
    ]
    if place.opened_on:
        lines.append(f"opened_on = {place.opened_on}")
    else:
        lines.append(
            _("# To decide: opened_on = 2026-01-05 (without this date, no figure is expected)")
        )
    if place.services:
        lines.append(f"services = [{', '.join(map(quoted, place.services))}]")
    else:
        lines.append(_('# To decide: services = ["coworking", "salle"] (codes of docs/places.md)'))
    lines += [
        "",
        _("# To decide: the opening hours; without them the place counts as open every day."),
        "# [opening_hours]",
        '# monday = ["09:00-12:30", "13:30-18:00"]',
        "",
    ]
    return "\n".join(lines)


def source_text(guess: Guess, sample: Path, folder: Path) -> str:
    """The proposed source; all of it is a comment while something required is missing."""
    lines = source_head(guess, sample, folder)
    if guess.template:
        return "\n".join(lines) + "\n"
    lines += ["", "[sources.columns]"]
    lines += [found_line(f, f.target) for f in guess.found if not is_identity(f)]
    if guess.numbers:
        lines += number_lines(guess)
    lines += constant_lines(guess)
    identity = [f for f in guess.found if is_identity(f)]
    for target in guess.values:
        lines += word_lines(guess, target)
    if identity:
        lines += ["", "[sources.identity]"]
        lines += [found_line(f, f.target.removeprefix("identity.")) for f in identity]
    if guess.unused:
        unused = ", ".join(map(quoted, guess.unused))
        lines += ["", _("# Not read: {headers}").format(headers=unused)]
    if guess.is_comment:
        lines = [f"# {line}".rstrip() for line in lines]
        lines.insert(
            0, _("# Incomplete source: complete it, then remove the “# ” at the start of lines.")
        )
    return "\n".join(lines) + "\n"


def constant_lines(guess: Guess) -> list[str]:
    """What all rows say, and a line for each column that is required: `?` until somebody knows."""
    required = _('# To decide (required): {name} = "…"; or a constant below')
    if guess.is_comment:
        return [required.format(name=name) for name in guess.missing]
    lines = [
        f"{name} = {quoted(code)} # " + _("To check") for name, code in guess.constants.items()
    ]
    columns = stored_columns(CONTRACTS[guess.feed])
    told = _("To decide: one code, such as {code}; or, above, {name} = the header that says it")
    lines += [
        f"{name} = {quoted(UNDECIDED)} # " + told.format(name=name, code=codes_of(columns[name])[0])
        for name in guess.missing
    ]
    return ["", "[sources.constants]", *lines] if lines else []


def number_lines(guess: Guess) -> list[str]:
    """A line that no file fits until somebody says which numbers are people."""
    listed = ", ".join(map(quoted, guess.numbers))
    return [
        _("# To decide: which of these numbers count people? {headers}").format(headers=listed),
        f"headcount = {quoted(_('TO DECIDE'))} # "
        + _("their headers, in brackets if several; or take this line away"),
    ]


def source_id(sample: Path, taken: Iterable[str] = ()) -> str:
    """The name of the file without what changes in it; numbered where a source has it."""
    plain = slug(re.sub(PERIOD, "", sample.stem), None) or "export"
    others = (f"{plain}-{number}" for number in itertools.count(2))
    return next(one for one in itertools.chain([plain], others) if one not in taken)


def source_head(guess: Guess, sample: Path, folder: Path) -> list[str]:
    pattern = sample.with_name(re.sub(PERIOD, "*", sample.name))
    path = Path(os.path.relpath(pattern.absolute(), folder.absolute())).as_posix()
    # the proof that proves least; which other one is true, no file can say
    proof = _("To decide: what an export proves")
    if re.search(ISO_DATE, sample.name):
        proof = _("To decide: what an export proves; until_file_date if up to the date of its name")
    rhythms = "daily, weekly, monthly, quarterly, yearly, occasional"
    when = ['rhythm = "monthly" # ' + _("To decide: {choices}").format(choices=rhythms)]
    when.append(f'coverage = "days" # {proof}')
    if guess.is_of_payroll:
        when = ['rhythm = "monthly"', 'delivery = "snapshot"', 'coverage = "until_file_date"']
    lines = [
        "[[sources]]",
        f"id = {quoted(guess.id or source_id(sample))}",
        f"feed = {quoted(guess.feed)}",
        'connector = "file"',
        f"path = {quoted(path)}",
        *when,
    ]
    if guess.template:
        lines.insert(4, f"template = {quoted(guess.template)}")
        return lines
    keys = guess.table.shape.keys
    if guess.table.header_row > 1 and "header_rows" not in keys:
        lines.append(f"header_row = {guess.table.header_row}")
    if guess.table.sheet and "sheets" not in keys:
        lines.append(f"sheet = {quoted(guess.table.sheet)}")
    lines += [f"{key} = {literal(value)}" for key, value in keys.items()]
    return lines + guess.table.shape.questions


def literal(value: Any) -> str:
    """A value as TOML writes it on one line."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key_of(k)} = {literal(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(literal, value)) + "]"
    return quoted(value) if isinstance(value, str) else str(value)


def key_of(word: str) -> str:
    return word if re.fullmatch(r"[A-Za-z0-9_-]+", word) else quoted(word)


def is_identity(found: Found) -> bool:
    return found.target.startswith("identity.")


def found_line(found: Found, key: str) -> str:
    headers = ", ".join(map(quoted, found.headers))
    value = headers if len(found.headers) == 1 else f"[{headers}]"
    if found.certainty == "decide":
        return _("# To decide, once its words below have codes: {line}").format(
            line=f"{key} = {value}"
        )
    return f"{key} = {value}" + (" # " + _("To check") if found.certainty == "check" else "")


def word_lines(guess: Guess, target: str) -> list[str]:
    lines = [
        f"{quoted(word)} = {quoted(code)}"
        + (" # " + _("To check: resembles this code") if word in guess.near_words[target] else "")
        for word, code in guess.values[target].items()
    ]
    lines += [
        _('# To decide: {word} = "…"').format(word=quoted(w)) for w in guess.undecided_words[target]
    ]
    if guess.hidden_words[target]:
        count = guess.hidden_words[target]
        hidden = ngettext(
            "# {count} word without a code is not shown",
            "# {count} words without a code are not shown",
            count,
        )
        lines.append(hidden.format(count=count))
    return ["", f"[sources.values.{target}]", *lines] if lines else []
