"""Whose word is taken for who a system is."""

import ssl
from functools import cache

import httpx


@cache  # reading all authorities takes longer than a short pull
def trusted() -> ssl.SSLContext:
    """The usual authorities, or those of SSL_CERT_FILE."""
    return httpx.create_ssl_context()
