"""One family of errors: what happened, where, and what to do next. Each knows its exit code."""

import os
import traceback
from pathlib import Path
from typing import TypeGuard

from flows.language import LANGUAGES, N_, _, unknown_language


class ImpactError(Exception):
    """Something that a user can act on; shown as text, never as a traceback."""

    exit_code = 1

    def __init__(self, what: str, *, where: str = "", remedy: str = "") -> None:
        self.what, self.where, self.remedy = what, where, remedy
        self.hidden: dict[str, str] = {}
        """What is shown → the name of a file or a sheet in whose place it stands."""
        super().__init__(str(self))

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        advice = f" → {self.remedy}" if self.remedy else ""
        return f"{place}{self.what}{advice}"


class ConfigurationError(ImpactError):
    """A place, a setting, a key or an indicator file is wrong: nothing was started."""

    exit_code = 2


class Busy(ImpactError):
    """Another run holds the home for writing, and went on doing so for as long as one waited."""


class SourceError(ImpactError):
    """A source could not be read at all; the other sources and places go on."""


class BatchRefused(ImpactError):
    """A batch was read but cannot be loaded as a whole; none of its rows was."""

    exit_code = 3


FAULTS_OF_THE_SYSTEM = (
    N_("Permission denied"),
    N_("Operation not permitted"),
    N_("No space left on device"),
    N_("Disk quota exceeded"),
    N_("Read-only file system"),
    N_("No such file or directory"),
    N_("Not a directory"),
    N_("Is a directory"),
    N_("File exists"),
    N_("File name too long"),
    N_("Input/output error"),
    N_("Connection refused"),
    N_("Too many open files"),
    N_("Too many open files in system"),
    N_("File too large"),
)
"""What a system says in English whatever the language: those that a user can do something about."""


FAULTS_OF_A_DATABASE = ("IOException", "FatalException", "SerializationException")
"""Of DuckDB, which is not imported here: a command that needs none answers at once."""


def reason(fault: OSError) -> str:
    """Why the system refused, without the path and without a value."""
    return _(fault.strerror or type(fault).__name__)


def unexpected(fault: BaseException) -> str:
    """A fault of the program in one line: its kind and place, never its message or its values."""
    if isinstance(fault, Exception) and type(fault).__name__ in FAULTS_OF_A_DATABASE:
        return _(
            "a database cannot be read or written ({kind}) → see whether the disk is full; "
            "`impact doctor --deep` says whether it is damaged"
        ).format(kind=type(fault).__name__)
    return _(
        "unexpected fault {kind} at {file}:{line} "
        "→ what was not finished was undone; report this line"
    ).format(**kind_and_place(fault))


def kind_and_place(fault: BaseException) -> dict[str, str | int | None]:
    """`kind`, and `file` and `line` of ours where it arose."""
    frames = traceback.extract_tb(fault.__traceback__)
    ours = [frame for frame in frames if "flows" in Path(frame.filename).parts]
    at = (ours or frames)[-1]
    return {"kind": type(fault).__name__, "file": Path(at.filename).name, "line": at.lineno}


def is_of_the_disk(fault: BaseException) -> TypeGuard[OSError]:
    """Did the system say so? What a reader raises of its own as an OSError has no number."""
    return isinstance(fault, OSError) and bool(fault.errno)


def is_panic(fault: BaseException) -> bool:
    """Did a native library give up? Such a fault is no Exception, and stops nobody but its work."""
    return type(fault).__module__ == "pyo3_runtime"


def refuse_unknown_language() -> None:
    """Raises ConfigurationError when `IMPACT_LANG` asks for a language that is not there."""
    if asked := unknown_language(os.environ):
        raise ConfigurationError(
            _("there are no messages in the language {language!r}").format(language=asked),
            where="IMPACT_LANG",
            remedy=_("write one of: {languages}").format(languages=", ".join(LANGUAGES)),
        )
