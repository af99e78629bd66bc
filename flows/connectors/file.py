"""Files in a folder, here or elsewhere: CSV, XLSX, ODS, JSON, Parquet, mapped by the TOML.

Everything is read as text; what a cell means is decided once, in `flows.intake.cast`.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from flows.connectors._csv import parse_csv
from flows.connectors._matching import matching, nothing_matches
from flows.connectors._objects import parse_json, parse_json_lines
from flows.connectors._parquet import parse_parquet
from flows.connectors._remote import RemoteOptions, fetch_remote
from flows.connectors._signs import refuse_other_kind
from flows.connectors._table import parse_workbook
from flows.errors import BatchRefused, SourceError
from flows.language import _
from flows.records import Declares, Delivery, Page, Pull
from flows.shape import Year, years_of
from flows.shown_names import nth_file, suffix
from flows.sources import UNDECIDED, Source

SAMPLE = b"Date;Heure;Personnes\n03/02/2025;14:05;12\n"

DECLARES = Declares(RemoteOptions, reads_files=True)

YEAR_OF_A_NAME = re.compile(r"(?<!\d)20\d\d(?=\D|\d{2}(?:\d{2})?(?!\d)|$)")
READERS = {
    ".csv": parse_csv,
    ".txt": parse_csv,
    ".tsv": parse_csv,
    ".xlsx": parse_workbook,
    ".ods": parse_workbook,
    ".jsonl": parse_json_lines,
    ".ndjson": parse_json_lines,
    ".json": parse_json,
    ".parquet": parse_parquet,
}

TEXTS = (parse_csv, parse_json, parse_json_lines)


def fetch(source: Source, pull: Pull) -> list[Delivery]:
    """The files that the source's pattern finds, in order of name.

    Raises SourceError when there is none, or when the folder cannot be read.
    """
    if source.url:
        return fetch_remote(source, pull)
    pattern = Path(source.path)
    root = (pull.folder / pattern).parent if not pattern.is_absolute() else pattern.parent
    try:
        names = matching((path.name for path in root.iterdir()), pattern.name)
        files = [path for name in names if (path := root / name).is_file()]
    except (FileNotFoundError, NotADirectoryError) as fault:
        raise SourceError(
            _("the folder is not there"), where=str(root), remedy=_("create it, or correct `path`")
        ) from fault
    except PermissionError as fault:
        raise SourceError(
            _("the folder may not be read"),
            where=str(root),
            remedy=_("give this user the right to read it"),
        ) from fault
    if not files:
        raise nothing_matches(pattern.name, str(root))
    for number, file in enumerate(files, start=1):
        refuse_way_out(file, root, nth_file(file.name, source, number))
    return [Delivery(file.name, file) for file in files]


def refuse_way_out(file: Path, root: Path, shown: str) -> None:
    """Raises SourceError for a link behind which lies what nobody put into the folder."""
    if not file.resolve().is_relative_to(root.resolve()):
        raise SourceError(
            _("{name} is a link that leads out of the folder").format(name=shown),
            where=str(root),
            remedy=_("put the file itself there, or correct `path`"),
        )


def parse(stream: BinaryIO, name: str, source: Source) -> Iterator[Page]:
    """Pages of text of one file, whatever its format; raises BatchRefused for the whole file."""
    reader = READERS.get(Path(name).suffix.lower())
    if reader is None:
        remedy = _("send one of: {formats}").format(formats=", ".join(READERS))
        if name.lower().endswith(".ics"):
            remedy = _('write connector = "calendar" in the TOML: this one reads no calendar')
        raise BatchRefused(
            _("the format {suffix!r} is not read").format(
                suffix=suffix(name) or ("…" if Path(name).suffix else "")
            ),
            where=name,
            remedy=remedy,
        )
    refuse_other_kind(stream, name, is_text=reader in TEXTS)
    refuse_undecided(source, name)
    if source.year:
        refuse_another_year(name, source.year)
    return reader(stream, name, source)


def refuse_undecided(source: Source, name: str) -> None:
    """Raises BatchRefused where a constant of the source is not said yet."""
    undecided = [field for field, code in source.constants.items() if code == UNDECIDED]
    if undecided:
        raise BatchRefused(
            _("the TOML does not say {columns} yet").format(columns=", ".join(undecided)),
            where=name,
            remedy=_(
                "under [sources.constants], write a code of docs/dictionary.md in place of “?”"
            ),
        )


def refuse_another_year(name: str, year: Year) -> None:
    """Raises BatchRefused for a file whose name says a year, and not the one that the TOML says."""
    named = YEAR_OF_A_NAME.findall(Path(name).stem)
    if named and not {*named} & {*map(str, years_of(year))}:
        raise BatchRefused(
            _("the name of the file says {named}, and `year` in the TOML {year}").format(
                named=named[0], year=year
            ),
            where=name,
            remedy=_("correct `year`, or declare a source for each year, with its own `path`"),
        )
