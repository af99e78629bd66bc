"""What a data manager sees in the terminal of a source that is being set up."""

from pathlib import Path

import polars as pl
from rich.markup import escape
from rich.table import Table

from flows.cli.terminal import console, remarks, word
from flows.cli.terminal_accounts import ignored_words
from flows.language import LANGUAGE, _, ngettext
from flows.onboarding.check_source import FileCheck, SourceCheck
from flows.onboarding.guessed import Guess
from flows.onboarding.new_place import NewPlace, literal
from flows.places import commune_index
from flows.records import place_in_file
from flows.sources import Identity

ROWS_SHOWN = 5


def show_source_check(check: SourceCheck) -> None:
    """What would be loaded, refused and missing, and that nothing was written."""
    screen = console()
    for file in check.files:
        screen.print(f"{file.name}  {'' if file.refused else file_line(file)}", markup=False)
        if file.refused:
            screen.print(f"  ! {file.refused}", markup=False, soft_wrap=True)
        for line in refusal_lines(file.rejects):
            screen.print(line, markup=False, soft_wrap=True)
    for line in remarks(check.report):
        screen.print(line, markup=False, soft_wrap=True)
    for line in word_lines(check):
        screen.print(line, markup=False, soft_wrap=True)
    if line := anonymous_line(check.source.identity):
        screen.print(line, markup=False, soft_wrap=True)
    screen.print(proof_line(check), markup=False, soft_wrap=True)
    screen.print(_("Nothing was written."))


def file_line(file: FileCheck) -> str:
    """Every row of one file, each counted once."""
    attempt = file.attempt
    counts = _(
        "{received:>6} received, {loaded:>6} would be loaded, {quarantined:>3} quarantined, "
        "{repeated:>3} repeated"
    ).format(
        received=attempt.rows_in, loaded=attempt.loaded, quarantined=attempt.quarantined,
        repeated=file.repeated,
    )  # fmt: skip
    if attempt.tombstoned:
        counts += ", " + _("{count} deleted").format(count=attempt.tombstoned)
    return counts + ignored_words(attempt.ignored, attempt.not_records, attempt.not_asked)


def word_lines(check: SourceCheck) -> list[str]:
    """The words without a code of each column, and how many are not shown."""
    lines: list[str] = []
    for name in {**check.unmapped_words, **check.hidden_words}:
        if words := check.unmapped_words.get(name):
            listed = ", ".join(
                _("{written!r} ({times} rows)").format(written=written, times=times)
                for written, times in words.items()
            )
            line = _(
                "Words that are no code of {name}: {listed} → add them to [sources.values.{name}]"
            )
            lines.append(line.format(name=name, listed=listed))
        if name in check.hidden_words:
            count, rows = check.hidden_words[name]
            line = ngettext(
                "{count} word that is no code of {name} ({rows} rows), not shown: it could be a "
                "name",
                "{count} words that are no code of {name} ({rows} rows), not shown: they could be "
                "names",
                count,
            )
            lines.append(line.format(count=count, name=name, rows=rows))
    return lines


def refusal_lines(rejects: pl.DataFrame) -> list[str]:
    """Two lines for each header and rule: how many rows and which, and what to write instead."""
    lines: list[str] = []
    groups = rejects.group_by("header", "rule", maintain_order=True)
    for (header, rule), rows in sorted(groups, key=lambda group: -len(group[1])):
        places = rows.unique(["sheet", "row_number"], maintain_order=True)
        numbers = shown_places(places.head(ROWS_SHOWN), rejects["sheet"].n_unique() > 1)
        more = ", …" if len(places) > ROWS_SHOWN else ""
        mask = rows["mask"].drop_nulls()
        shape = _(", such as {mask!r}").format(mask=mask[0]) if len(mask) and header else ""
        where = _("row {numbers}").format(numbers=numbers + more)
        what = header or _("the row")
        lines += [
            f"  {len(rows):>4} × {what}: {rule} ({where}{shape})",
            f"         {rows[f'sentence_{LANGUAGE}'][0]}",
        ]
    return lines


def shown_places(rows: pl.DataFrame, has_sheets: bool) -> str:
    """Rows, or cells, as a spreadsheet names them; in several sheets each with its own."""
    shown = []
    for number, sheet in rows.select("row_number", "sheet").iter_rows():
        place = place_in_file(number)
        of_a_sheet = _("{place} of {sheet!r}").format(place=place, sheet=sheet)
        shown.append(of_a_sheet if has_sheets else place)
    return ", ".join(shown)


def proof_line(check: SourceCheck) -> str:
    days = check.proven_days
    if not days:
        return _("It would prove no day.")
    gaps = check.unproven_days
    if not gaps:
        text = _(
            "It would prove {count} days, from {first} to {last}; "
            "no expected day is missing in between."
        )
        return text.format(count=len(days), first=days[0], last=days[-1])
    return _(
        "It would prove {count} days, from {first} to {last}; "
        "{missing} expected days are missing in between, {gap} first."
    ).format(count=len(days), first=days[0], last=days[-1], missing=len(gaps), gap=gaps[0])


def anonymous_line(identity: Identity) -> str:
    """That the columns of people which are there recognise nobody; nothing where some do."""
    columns = {name: header for name, header in identity.model_dump().items() if header}
    if not columns or identity.kinds():
        return ""
    listed = ", ".join(f"{name} = {header!r}" for name, header in columns.items())
    return _(
        "Nobody will be recognised by {listed} alone: all rows stay anonymous, and count no person "
        "→ give [sources.identity] a name and a birth_date, or an email, or a source_id (a number "
        "of the person)"
    ).format(listed=listed)


def show_new_place(place: NewPlace, file: Path, sample: Path | None, guess: Guess | None) -> None:
    """Where the place was written, what was guessed and how surely, and what comes next."""
    screen = console()
    if guess is not None and sample is not None:
        show_guess_of(sample, guess)
    screen.print(_("Written: {file}").format(file=file), markup=False, soft_wrap=True)
    commune = commune_index()[place.commune_code][0]  # a postal code may be another one's code
    screen.print(
        _("Commune: {name} ({code})").format(name=commune, code=place.commune_code), markup=False
    )
    show_next(place.id, guess)


def show_new_source(place_id: str, file: Path, sample: Path, guess: Guess | None) -> None:
    """The same of one more source of a place that is there."""
    if guess is not None:
        show_guess_of(sample, guess)
    line = _("Added to: {file}").format(file=file)
    console().print(line, markup=False, soft_wrap=True)
    show_next(place_id, guess)


def show_guess_of(sample: Path, guess: Guess) -> None:
    screen = console()
    screen.print(guessed_line(sample, guess), markup=False)
    if not guess.template:
        show_guess(guess)
    for line in (trial_line(guess), anonymous_line(identity_of(guess))):
        if line:
            screen.print(line, markup=False, soft_wrap=True)


def trial_line(guess: Guess) -> str:
    """What a run would make of the sample."""
    if guess.refused:
        return _("Tried: the file would be refused: {why}").format(why=guess.refused)
    if guess.good is None:
        return ""
    return _("Tried: {good} rows would be loaded, {lost} refused").format(
        good=guess.good, lost=guess.lost
    )


def show_next(place_id: str, guess: Guess | None) -> None:
    if guess is not None and not guess.missing and not guess.numbers:
        command = f"impact check-source {place_id} {guess.id}"
        console().print(_("Next:    {command}").format(command=command), soft_wrap=True)
    else:
        console().print(_("Next:    complete the file where it says « To decide »"))


def identity_of(guess: Guess) -> Identity:
    found = {f.target: f.headers[0] for f in guess.found}
    names = {name: found.get(f"identity.{name}") for name in Identity.model_fields}
    return Identity.model_validate(names)


def guessed_line(sample: Path, guess: Guess) -> str:
    if guess.template:
        return _("{file}: sheet of the kit, template {template}: it needs no mapping").format(
            file=sample.name, template=guess.template
        )
    return _("{file}: header in row {row}").format(file=sample.name, row=guess.table.header_row)


def show_guess(guess: Guess) -> None:
    """Headers and words that have a code; never a cell of a person or of free text."""
    screen = console()
    table = Table(_("column"), _("header"), _("how sure"), _("why"))
    for found in guess.found:
        headers = " + ".join(found.headers)
        table.add_row(found.target, escape(headers), word(found.certainty), found.why)
    screen.print(table)
    for key, value in guess.table.shape.keys.items():
        screen.print(f"  {key} = {literal(value)}", markup=False, soft_wrap=True)
    for target, words in guess.values.items():
        for written, code in words.items():
            doubt = _(" (check: it only resembles)") if written in guess.near_words[target] else ""
            screen.print(f"  {target}: {written!r} → {code}{doubt}", markup=False)
        for written in guess.undecided_words[target]:
            none = _("no code found")
            screen.print(f"  {target}: {written!r} → {none}", markup=False)
        if guess.hidden_words[target]:
            count = guess.hidden_words[target]
            line = ngettext(
                "{count} word without a code, not shown: it could be a name",
                "{count} words without a code, not shown: they could be names",
                count,
            ).format(count=count)
            screen.print(f"  {target}: {line}", markup=False)
    show_open(guess)


def show_open(guess: Guess) -> None:
    """What would not be read, and what a person has to decide."""
    screen = console()
    if guess.unused:
        unused = ", ".join(guess.unused)
        screen.print(_("Not read: {headers}").format(headers=unused), markup=False, soft_wrap=True)
    if guess.others:
        others = ", ".join(map(repr, guess.others))
        screen.print(_("Sheets not read: {sheets}").format(sheets=others), markup=False)
    if guess.groups:
        line = _(
            "How many were of each group, and not who: {headers}. No feed holds that → ask for one "
            "row a person, with age or status"
        ).format(headers=", ".join(guess.groups))
        screen.print(line, markup=False, soft_wrap=True)
    if guess.numbers:
        screen.print(
            _(
                "To decide: which of these numbers count people? {headers} → write headcount in "
                "the TOML"
            ).format(headers=", ".join(guess.numbers)),
            markup=False,
            soft_wrap=True,
        )
    for line in [*guess.table.shape.remarks, *guess.table.shape.questions]:
        screen.print(line.removeprefix("# "), markup=False, soft_wrap=True)
    if guess.missing:
        screen.print(
            (
                _(
                    "Not found, and required: {columns} → the source is a comment until you "
                    "complete it"
                )
                if guess.is_comment
                else _("Not found, and required: {columns} → nothing is read until you say it")
            ).format(columns=", ".join(guess.missing)),
            markup=False,
            soft_wrap=True,
        )
