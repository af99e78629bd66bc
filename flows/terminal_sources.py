"""What a data manager sees in the terminal of a source that is being set up."""

from pathlib import Path

import polars as pl
from rich.markup import escape
from rich.table import Table

from flows.check_source import SourceCheck
from flows.guess import Guess
from flows.new_place import NewPlace, source_id
from flows.terminal import console

ROWS_SHOWN = 5


def show_source_check(check: SourceCheck) -> None:
    """What would be loaded, refused and missing, and that nothing was written."""
    screen = console()
    for file in check.files:
        counts = (
            f"{file.received:>6} received, {file.good - file.repeated:>6} would be loaded, "
            f"{file.quarantined:>3} quarantined, {file.repeated:>3} repeated, "
            f"{file.ignored:>3} blank"
        )
        screen.print(f"{file.name}  {'' if file.refused else counts}", markup=False)
        if file.refused:
            screen.print(f"  ! {file.refused}", markup=False, soft_wrap=True)
        for line in refusal_lines(file.rejects):
            screen.print(line, markup=False, soft_wrap=True)
    for name, words in check.unmapped_words.items():
        listed = ", ".join(f"{word!r} ({times} rows)" for word, times in words.items())
        screen.print(
            f"Words that are no code of {name}: {listed} → add them to [sources.values.{name}]",
            markup=False,
            soft_wrap=True,
        )
    screen.print(proof_line(check), markup=False, soft_wrap=True)
    screen.print("Nothing was written.")


def refusal_lines(rejects: pl.DataFrame) -> list[str]:
    """Three lines for each header and rule: how many rows and which, in French, in English."""
    lines: list[str] = []
    groups = rejects.group_by("header", "rule", maintain_order=True)
    for (header, rule), rows in sorted(groups, key=lambda group: -len(group[1])):
        numbers = rows["row_number"].unique().sort()
        first = ", ".join(map(str, numbers[:ROWS_SHOWN]))
        more = ", …" if len(numbers) > ROWS_SHOWN else ""
        mask = rows["mask"].drop_nulls()
        shape = f", such as {mask[0]!r}" if len(mask) and header else ""
        lines += [
            f"  {len(rows):>4} × {header or 'the row'}: {rule} (row {first}{more}{shape})",
            f"         {rows['sentence_fr'][0]}",
            f"         {rows['sentence_en'][0]}",
        ]
    return lines


def proof_line(check: SourceCheck) -> str:
    days = check.proven_days
    if not days:
        return "It would prove no day."
    gaps = check.unproven_days
    text = f"It would prove {len(days)} days, from {days[0]} to {days[-1]}"
    if not gaps:
        return f"{text}; no expected day is missing in between."
    return f"{text}; {len(gaps)} expected days are missing in between, {gaps[0]} first."


def show_new_place(place: NewPlace, file: Path, sample: Path | None, guess: Guess | None) -> None:
    """Where the place was written, what was guessed and how surely, and what comes next."""
    screen = console()
    if guess is not None and sample is not None:
        screen.print(f"{sample.name}: header in row {guess.table.header_row}", markup=False)
        show_guess(guess)
    screen.print(f"Written: {file}", markup=False, soft_wrap=True)
    if guess is not None and sample is not None and not guess.missing:
        screen.print(f"Next:    impact check-source {place.id} {source_id(sample)}", soft_wrap=True)
    else:
        screen.print("Next:    complete the file where it says « À décider »")


def show_guess(guess: Guess) -> None:
    """Headers and words that have a code; never a cell of a person or of free text."""
    screen = console()
    table = Table("column", "header", "how sure", "why")
    for found in guess.found:
        headers = " + ".join(found.headers)
        table.add_row(found.target, escape(headers), found.certainty, found.why)
    screen.print(table)
    for target, words in guess.values.items():
        for word, code in words.items():
            doubt = " (check: it only resembles)" if word in guess.near_words[target] else ""
            screen.print(f"  {target}: {word!r} → {code}{doubt}", markup=False)
        for word in guess.undecided_words[target]:
            screen.print(f"  {target}: {word!r} → no code found", markup=False)
        if guess.hidden_words[target]:
            hidden = guess.hidden_words[target]
            screen.print(f"  {target}: {hidden} rare words without a code, not shown", markup=False)
    if guess.unused:
        screen.print(f"Not read: {', '.join(guess.unused)}", markup=False, soft_wrap=True)
    if guess.missing:
        screen.print(
            f"Not found, and required: {', '.join(guess.missing)} → the source is a comment until "
            "you complete it",
            markup=False,
            soft_wrap=True,
        )
