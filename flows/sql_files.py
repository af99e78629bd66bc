"""A SQL file of ours: between `/*` and `*/` a header in TOML, then one SELECT."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from flows.errors import ConfigurationError
from flows.language import _

HEADER = re.compile(r"\A\s*/\*(.*?)\*/", re.DOTALL)


@dataclass(frozen=True)
class SqlFile:
    """What stands in one file."""

    header: dict[str, Any]
    header_text: str
    """The header as it is written: its lines are those of the file."""
    select: str
    first_line: int
    """The line of the file on which the SELECT begins."""


read_toml = cache(tomllib.loads)  # a build reads each file to compute, and again to keep


def read_sql_file(file: Path) -> SqlFile:
    """Raises ConfigurationError for a header that is not there, or is no TOML."""
    text = file.read_text(encoding="utf-8")
    found = HEADER.match(text)
    if not found:
        raise ConfigurationError(
            _("the file does not begin with a /* header */"), where=str(file), remedy=_("write one")
        )
    try:
        header = read_toml(found.group(1))
    except tomllib.TOMLDecodeError as fault:
        raise ConfigurationError(
            _("the header is not TOML: {fault}").format(fault=fault),
            where=str(file),
            remedy=_("correct it"),
        ) from fault
    below = text[found.end() :]
    begins = found.end() + len(below) - len(below.lstrip())
    select = below.strip().removesuffix(";").rstrip()
    return SqlFile(header, found.group(0), select, text[:begins].count("\n") + 1)
