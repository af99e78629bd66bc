"""Where in a definition something is wrong: file, line, key."""

import difflib
import re
from pathlib import Path
from typing import TYPE_CHECKING

from flows.errors import ConfigurationError, misdeclared
from flows.language import _

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails


def at_line(file: Path, number: int | None) -> str:
    """A line of a file as a fault names it; the file alone where the line is not known."""
    return _("{file}, line {number}").format(file=file, number=number) if number else str(file)


def line_with(text: str, pattern: str) -> int | None:
    """The number of the first line that has the pattern."""
    found = re.search(pattern, text, re.MULTILINE)
    return text[: found.start()].count("\n") + 1 if found else None


def header_fault(
    file: Path, text: str, keys: list[str], faults: "list[ErrorDetails]"
) -> ConfigurationError:
    """What is wrong with one key of a header: where it stands, and what was perhaps meant.

    An unknown key comes before a missing one: it is often the same key, with a slip.
    """
    fault = min(faults, key=lambda one: one["type"] != "extra_forbidden")
    key = ".".join(str(part) for part in fault["loc"])
    near = difflib.get_close_matches(str(fault["loc"][-1]), keys, n=1)
    if fault["type"] == "extra_forbidden":
        what = _("unknown key")
        remedy = _("did you mean {near!r}?").format(near=near[0]) if near else _("remove the key")
    elif fault["type"] == "missing":
        what, remedy = _("the key is missing"), _("write it: see CONTRIBUTING.md")
    else:
        what, remedy = misdeclared(fault), _("correct the key")
    where = at_line(file, key_line(text, fault["loc"]))
    return ConfigurationError(
        what,
        where=_("{file}, header key {key}").format(file=where, key=key),
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
