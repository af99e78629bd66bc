"""Which files of a folder are meant by a pattern, here or elsewhere."""

import fnmatch
import unicodedata
from collections.abc import Iterable

from flows.errors import SourceError
from flows.language import _

COMPLETE = ".ok"
"""At the end of a name: a mark that the file of this name is complete."""
UNFINISHED = (".filepart", ".part", ".partial", ".tmp", ".temp", ".crdownload", ".download", ".swp")
"""At the end of a name: what programs call a file that they still write."""
NO_EXPORT = ("~$", ".")
"""At its beginning: what an office leaves beside an open document, and what is hidden."""


def matching(names: Iterable[str], pattern: str) -> list[str]:
    """The names that a pattern means, in order.

    A Mac writes é as two characters: what a person reads as one name is one. Marks, and files that
    are being written, are meant only where the pattern says so itself.
    """
    wanted = unicodedata.normalize("NFC", pattern)
    found = []
    for name in names:
        one = unicodedata.normalize("NFC", name)
        ends = tuple(end for end in (COMPLETE, *UNFINISHED) if not wanted.endswith(end))
        begins = tuple(begin for begin in NO_EXPORT if not wanted.startswith(begin))
        is_meant = not one.lower().endswith(ends) and not (begins and one.startswith(begins))
        if is_meant and fnmatch.fnmatchcase(one, wanted):
            found.append(name)
    return sorted(found)


def nothing_matches(pattern: str, where: str) -> SourceError:
    return SourceError(
        _("no file matches {pattern_name!r}").format(pattern_name=pattern),
        where=where,
        remedy=_("put the export there, or correct `path` in the place's TOML"),
    )
