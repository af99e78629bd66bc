"""Whose word is taken for who a system is, and over what a secret may travel."""

import ssl
from functools import cache
from typing import TYPE_CHECKING

from flows.errors import SourceError
from flows.language import _
from flows.sources import Source

if TYPE_CHECKING:
    import httpx

LOOPBACK = ("127.0.0.1", "localhost", "::1")


@cache  # reading all authorities takes longer than a short pull
def trusted() -> ssl.SSLContext:
    """The usual authorities, or those of SSL_CERT_FILE."""
    import httpx

    return httpx.create_ssl_context()


def refuse_plain_text(source: Source, url: "httpx.URL") -> None:
    """Raises SourceError for an address over which anybody could read the secret."""
    if url.scheme != "https" and not (url.scheme == "http" and url.host in LOOPBACK):
        raise SourceError(
            _("the address does not begin with https://"), where=f"{source.id}, url",
            remedy=_("write it with https:// so that nobody reads the secret on the way"),
        )  # fmt: skip
