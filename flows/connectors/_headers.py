"""Mapped headers must be there once; otherwise the batch is refused before any row is loaded."""

import unicodedata
from collections import Counter

from flows.errors import BatchRefused
from flows.language import _
from flows.sources import Source
from flows.spelling import closest


def clean_header(header: object) -> str:
    """A header without the spaces that spreadsheets leave around it, each letter in one form."""
    text = str(header if header is not None else "").replace("\ufeff", "")
    return unicodedata.normalize("NFC", " ".join(text.split()))


def check_headers(headers: list[str], name: str, source: Source) -> list[str]:
    """The headers that the source maps, in file order.

    Raises BatchRefused for a mapped header that is absent or stands twice. The nearest
    header is shown only when another one is right: a file without a header line has people there.
    """
    count = Counter(headers)
    for wanted, purpose in source.wanted_headers().items():
        if count[wanted] > 1:
            raise BatchRefused(
                _("the column {wanted!r} ({purpose}) stands {count} times").format(
                    wanted=wanted, purpose=purpose, count=count[wanted]
                ),
                where=_("{name}, header row {header_row}").format(
                    name=name, header_row=source.header_row
                ),
                remedy=_("keep one of them"),
            )
        if count[wanted] == 0:
            is_header_line = any(header in source.wanted_headers() for header in headers)
            others = [header for header in headers if header and is_header_line]
            near = closest(wanted, others)
            absent = [repr(h) for h in source.wanted_headers() if not count[h] and h != wanted]
            raise BatchRefused(
                _("the column {wanted!r} ({purpose}) is not there").format(
                    wanted=wanted, purpose=purpose
                )
                + (_("; the nearest is {near!r}").format(near=near) if near else "")
                + (_("; nor is {absent}").format(absent=", ".join(absent)) if absent else ""),
                where=_("{name}, header row {header_row}").format(
                    name=name, header_row=source.header_row
                ),
                remedy=_(
                    "correct the header in the file, or the mapping or header_row in the TOML"
                ),
            )
    return [header for header in headers if header in source.wanted_headers()]
