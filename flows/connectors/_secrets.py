"""A secret, from where the TOML says that it is; it is in no message, and goes nowhere else."""

import os
import re
from pathlib import Path

from flows.errors import SourceError, reason
from flows.language import _
from flows.sources import Source


def secret(source: Source, folder: Path) -> str:
    """Raises SourceError when it is not there, or is not one line of plain characters."""
    token = source.token
    if token is None:
        raise SourceError(
            _("this source needs a secret"), where=source.id,
            remedy=_('say where it is: token = { env = "NAME" } or { file = "path" }'),
        )  # fmt: skip
    if token.env:
        text = os.environ.get(token.env, "")
    else:
        try:
            text = (folder / token.name).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as fault:
            what = reason(fault) if isinstance(fault, OSError) else type(fault).__name__
            raise SourceError(
                _("the secret cannot be read ({reason})").format(reason=what),
                where=f"{source.id}, {token.name}",
                remedy=_("check that the file is there and that this user may read it"),
            ) from None
    text = text.strip()
    if not re.fullmatch(r"[\x21-\x7e]+", text):
        raise SourceError(
            _("the secret is empty, or is not one line of plain characters"),
            where=f"{source.id}, {token.name}",
            remedy=_("put it there, without quotation marks or anything else"),
        )
    return text
