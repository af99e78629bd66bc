"""Which servers of Prefect on this machine let anybody start runs."""

import os
from collections.abc import Mapping

import httpx

from flows.serving.addresses import read_addresses, running
from flows.settings import Settings

ASK_SECONDS = 3


def open_servers(settings: Settings, environment: Mapping[str, str] = os.environ) -> list[str]:
    """Of those known here, the addresses that answer without a password; none where none is up."""
    there = running(settings)
    own = there.addresses if there else read_addresses(environment)
    known = dict.fromkeys([own.api, environment.get("PREFECT_API_URL") or own.api])
    return [api for api in known if answers_anybody(api)]


def answers_anybody(api: str) -> bool:
    """Does it tell its version, as Prefect does, to who says nothing of themselves?"""
    try:
        answer = httpx.get(f"{api}/admin/version", timeout=ASK_SECONDS)
        return answer.is_success and isinstance(answer.json(), str)
    except (httpx.HTTPError, httpx.InvalidURL, ValueError):
        return False
