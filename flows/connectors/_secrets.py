"""A secret, from where the TOML says that it is; it is in no message, and goes nowhere else."""

import os
import re
from pathlib import Path
from typing import Protocol

from flows.declaration import Secret
from flows.errors import SourceError, reason
from flows.language import _


class Holder(Protocol):
    """What has a secret: a source, or a folder to which something is brought."""

    @property
    def id(self) -> str: ...

    @property
    def token(self) -> Secret | None: ...


def secret(source: Holder, folder: Path) -> str:
    """Raises SourceError when it is not there, or is not one line of plain characters."""
    return refuse_other(read_token(source, folder), r"[\x21-\x7e]+", source)


def passphrase(source: Holder, folder: Path) -> str:
    """The same of what somebody types: it may have spaces and accents."""
    return refuse_other(read_token(source, folder), r"[^\x00-\x1f\x7f]+", source)


def read_token(source: Holder, folder: Path) -> str:
    if source.token is None:
        raise SourceError(
            _("this source needs a secret"), where=source.id,
            remedy=_('say where it is: token = { env = "NAME" } or { file = "path" }'),
        )  # fmt: skip
    return read_secret(source.token, source, folder)


def read_secret(token: Secret, source: Holder, folder: Path) -> str:
    """What the TOML says where it is, without the ends of its lines."""
    if token.env:
        text = os.environ.get(token.env, "")
    else:
        try:
            text = (folder / token.name).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as fault:
            what = reason(fault) if isinstance(fault, OSError) else type(fault).__name__
            raise SourceError(
                _("the secret cannot be read ({reason})").format(reason=what),
                where=f"{source.id}, {token.name}",
                remedy=_("check that the file is there and that this user may read it"),
            ) from None
    return text.strip()


def refuse_other(text: str, form: str, source: Holder) -> str:
    if not re.fullmatch(form, text):
        raise SourceError(
            _("the secret is empty, or is not one line of plain characters"),
            where=f"{source.id}, {source.token.name if source.token else ''}",
            remedy=_("put it there, without quotation marks or anything else"),
        )
    return text
