"""Where in a definition something is wrong: file, line, key."""

import re
from pathlib import Path

from pydantic import ValidationError

from flows.declaration import Declared, key_fault
from flows.errors import ConfigurationError
from flows.language import _


def at_line(file: Path, number: int | None) -> str:
    """A line of a file as a fault names it; the file alone where the line is not known."""
    return _("{file}, line {number}").format(file=file, number=number) if number else str(file)


def line_with(text: str, pattern: str) -> int | None:
    """The number of the first line that has the pattern."""
    found = re.search(pattern, text, re.MULTILINE)
    return text[: found.start()].count("\n") + 1 if found else None


def header_fault(
    file: Path, text: str, broken: ValidationError, model: type[Declared]
) -> ConfigurationError:
    """What is wrong with one key of a header: where it stands, and what was perhaps meant."""
    fault = key_fault(broken, model)
    what, remedy = fault.what, fault.remedy
    if fault.is_missing:
        what, remedy = _("the key is missing"), _("write it: see CONTRIBUTING.md")
    where = at_line(file, key_line(text, fault.path))
    return ConfigurationError(
        what,
        where=_("{file}, header key {key}").format(file=where, key=fault.key),
        remedy=remedy,
    )


def key_line(header: str, location: tuple[int | str, ...]) -> int | None:
    """The line of a key, or of the example that should have it."""
    start = 0
    if location[0] == "examples" and len(location) > 1:
        starts = [
            found.start() for found in re.finditer(r"^\[\[examples\]\]", header, re.MULTILINE)
        ]
        start, location = starts[int(location[1])], location[2:] or ("name",)
    below = line_with(header[start:], rf"^{re.escape(str(location[0]))}\b")
    if below is None and not start:
        return None
    return header[:start].count("\n") + (below or 1)
