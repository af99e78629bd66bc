"""Where a service of this network listens, and whether one is running; Prefect is not imported."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

from flows.errors import ConfigurationError
from flows.language import _
from flows.settings import Settings

HOST = "127.0.0.1"
"""Nothing listens beyond this machine: see docs/operations.md for a proxy in front of it."""
NAMES = (HOST, "localhost")
UI_PORT, DOOR_PORT = 4200, 4280
PROXY = "PREFECT_UI_API_URL"
"""Where a browser finds the server behind a proxy."""


@dataclass(frozen=True)
class Addresses:
    """The two ports of a service."""

    ui_port: int = UI_PORT
    door_port: int = DOOR_PORT

    @property
    def ui(self) -> str:
        return f"http://{HOST}:{self.ui_port}"

    @property
    def api(self) -> str:
        return f"{self.ui}/api"

    @property
    def door(self) -> str:
        return f"http://{HOST}:{self.door_port}"


@dataclass(frozen=True)
class Running:
    """A service that is there now, as it wrote itself down."""

    process: int
    since: str
    addresses: Addresses
    is_closed: bool = False
    """Its server asks for a password."""


def read_addresses(environment: Mapping[str, str] = os.environ) -> Addresses:
    """`IMPACT_UI_PORT` and `IMPACT_DOOR_PORT`, each with its default."""
    return Addresses(
        port(environment, "IMPACT_UI_PORT", UI_PORT),
        port(environment, "IMPACT_DOOR_PORT", DOOR_PORT),
    )


def port(environment: Mapping[str, str], name: str, default: int) -> int:
    text = environment.get(name) or str(default)
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise ConfigurationError(
            _("{text!r} is not a port").format(text=text),
            where=name,
            remedy=_("write a whole number from 1 to 65535, or leave it out"),
        )
    return int(text)


def own_names(environment: Mapping[str, str] = os.environ) -> list[str]:
    """The host names under which the runs are shown: this machine's, and that of a proxy.

    A page of elsewhere whose name was made to lead here has another.
    """
    proxy = urlsplit(environment.get(PROXY) or "").hostname
    return [*NAMES, *filter(None, [proxy])]


def own_origins(addresses: Addresses, environment: Mapping[str, str] = os.environ) -> list[str]:
    """The pages that may read what the server of the runs answers: its own."""
    proxy = urlsplit(environment.get(PROXY) or "")
    return [
        *(f"http://{name}:{addresses.ui_port}" for name in NAMES),
        *([f"{proxy.scheme}://{proxy.netloc}"] if proxy.netloc else []),
    ]


def folder(settings: Settings) -> Path:
    """The service's own state: its lock, its note, its logs."""
    return settings.home / "serving"


def note_of(settings: Settings) -> Path:
    return folder(settings) / "serving.json"


def write_note(settings: Settings, running: Running) -> None:
    note_of(settings).write_text(json.dumps(asdict(running)))


def running(settings: Settings) -> Running | None:
    """The service of this home, when its process is there."""
    try:
        fields = json.loads(note_of(settings).read_text())
        os.kill(fields["process"], 0)
    except PermissionError:
        pass  # it is there, and another user's
    except (OSError, ValueError, KeyError):
        return None
    return Running(**{**fields, "addresses": Addresses(**fields["addresses"])})
