"""A token of OAuth 2 that is renewed in each pull: the next one takes its place in its file.

Each token to renew with is good once. So it is written down before the session is used, and two
runs never use the same one: whoever comes second waits and reads what the first has written.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flows.connectors._http import Ask
from flows.connectors._secrets import secret
from flows.errors import SourceError, reason
from flows.language import _
from flows.records import Pull
from flows.sources import Source
from flows.whole_files import written_whole


def sign_in_anew(ask: Ask, source: Source, pull: Pull, path: str, client: str) -> None:
    """Carry a new session; the secret is `CLIENT_SECRET:REFRESH_TOKEN`, in a file.

    Raises SourceError when it is not, when the file cannot be replaced, or when it is no longer
    good: then nothing was written.
    """
    if source.token is None or source.token.file is None:
        raise SourceError(
            _("its token is renewed in each pull, and has to lie in a file"), where=source.id,
            remedy=_('write token = { file = "path" }'),
        )  # fmt: skip
    file = pull.folder / source.token.file
    try:
        with alone(file.parent), written_whole(file) as unfinished:
            word, _colon, token = secret(source, pull.folder).partition(":")
            grant = {"grant_type": "refresh_token", "refresh_token": token}
            given = ask.authorise(path, client, word, **grant)
            unfinished.write_text(f"{word}:{given.get('refresh_token') or token}\n")
    except OSError as fault:
        raise SourceError(
            _("the renewed token cannot be written ({reason})").format(reason=reason(fault)),
            where=f"{source.id}, {source.token.file}",
            remedy=_("give this user the right to write there"),
        ) from None


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """No other run renews a token of this folder meanwhile."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
