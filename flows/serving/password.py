"""The password of the runs, one a home: who may start a run may run programs as this user.

It is the one line of a file beside the keys, `user:password` as Prefect takes it, and is told in
the environment of the processes alone: never in a command, a log or an error.
"""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from flows.errors import ConfigurationError, reason
from flows.language import _
from flows.settings import Settings
from flows.whole_files import written_whole

ASKED, GIVEN = "PREFECT_SERVER_API_AUTH_STRING", "PREFECT_API_AUTH_STRING"
"""What a server of Prefect asks for, and what its clients give."""
USER = "impact"
SECRET_BYTES = 24


def password_file(settings: Settings) -> Path:
    return settings.keys / "runs.password"


def new_password() -> str:
    return f"{USER}:{secrets.token_urlsafe(SECRET_BYTES)}"


def known_password(settings: Settings) -> str | None:
    """That of the file; None before the first start, and for who may not read it.

    Raises ConfigurationError when the file has none.
    """
    file = password_file(settings)
    try:
        text = file.read_text(encoding="utf-8").strip()
    except (FileNotFoundError, PermissionError):
        return None
    except (OSError, UnicodeDecodeError):
        text = ""
    if not is_password(text):
        raise ConfigurationError(
            _("there is no password in this file"),
            where=str(file),
            remedy=_("remove it and start `impact serve` again, which makes another"),
        )
    return text


def is_password(text: str) -> bool:
    user, _colon, word = text.partition(":")
    return bool(user and word) and text.isprintable()


def kept_password(settings: Settings, environment: Mapping[str, str] = os.environ) -> str:
    """What the service asks for: what the environment says, else the file, else a new one.

    The file has it afterwards, so that a command at a terminal finds it. Raises ConfigurationError
    when it is none, or the file cannot be written.
    """
    given = environment.get(ASKED)
    if given and not is_password(given):
        raise ConfigurationError(
            _("this is no password"), where=ASKED, remedy=_("write it like user:password")
        )
    known = None if given else known_password(settings)
    password = given or known or new_password()
    if password != known:
        keep_secret(password_file(settings), password)
    return password


def keep_secret(file: Path, text: str) -> None:
    """Write a line that its owner alone can read; raises ConfigurationError where that fails."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with written_whole(file) as unfinished:
            unfinished.write_text(text + "\n")
    except OSError as fault:
        raise ConfigurationError(
            _("the file cannot be written ({reason})").format(reason=reason(fault)),
            where=str(file),
            remedy=_("give this user the right to write there"),
        ) from fault
