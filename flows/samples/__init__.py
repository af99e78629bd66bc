"""Synthetic exports: people with habits, written as the tools of real places would export them.

The same seed gives the same bytes in every file. Nothing here describes a person who exists.
"""

from pathlib import Path

from flows.network.place_files import read_place
from flows.samples.faitout import REGION as FAITOUT_REGION
from flows.samples.faitout import faitout_exports
from flows.samples.faults import CANARY_EMAIL, CANARY_NAME, CANARY_PHONE
from flows.samples.machinerie import REGION as MACHINERIE_REGION
from flows.samples.machinerie import SHARED_EMAIL, SHARED_LAST_NAME, machinerie_exports
from flows.samples.names import MAIL_DOMAIN
from flows.samples.network import network_exports
from flows.samples.seasons import FIRST_DAY, LAST_DAY, SAMPLES_AS_OF
from flows.samples.site import make_site
from flows.samples.tables import TITLE, Export
from flows.settings import PROJECT

__all__ = [
    "CANARIES",
    "FIRST_DAY",
    "LAST_DAY",
    "PLANTED_FAULTS",
    "SAMPLES_AS_OF",
    "SHARED_EMAIL",
    "TITLE",
    "write_network",
    "write_samples",
]

PLANTED_FAULTS = "planted-faults.csv"
"""The list of accidents, beside the folders of the places: what a quarantine has to find."""

CANARIES: tuple[str, ...] = (
    *CANARY_NAME.split(),
    CANARY_PHONE,
    CANARY_EMAIL,
    MAIL_DOMAIN,
    SHARED_LAST_NAME,
    SHARED_EMAIL,
    SHARED_EMAIL.upper(),
)
"""What no derived file may contain: parts of names, a number, and the domain of every address."""


def write_samples(folder: Path, seed: int = 2026) -> list[Path]:
    """Write the exports of the demonstration places and the list of planted faults.

    Returns the files in a stable order; their folders are made where they are missing.
    """
    return write_exports(folder, sample_exports(seed))


def write_network(folder: Path, places: int = 12, seed: int = 2026) -> list[Path]:
    """Write a whole invented network: `places/*.toml` and `exports/<place>/…`.

    Raises ValueError when more places are asked for than there are communes prepared for them.
    """
    return write_exports(folder, network_exports(places, seed))


def sample_exports(seed: int) -> list[Export]:
    """The files of the demonstration places, in memory."""
    folder = PROJECT / "data" / "places"
    machinerie = make_site(
        read_place(folder / "la-machinerie.toml"), MACHINERIE_REGION, seed, is_showcase=True
    )
    faitout = make_site(
        read_place(folder / "le-faitout-connecte.toml"), FAITOUT_REGION, seed, is_showcase=True
    )
    tools = [source.id for place in (machinerie.place, faitout.place) for source in place.sources]
    exports = [
        *machinerie_exports(machinerie, machinerie.place.id, tools),
        *faitout_exports(faitout, faitout.place.id, tools),
    ]
    return [*exports, fault_list(exports)]


def fault_list(exports: list[Export]) -> Export:
    """Every planted fault with its file and line."""
    lines = [
        f"{export.path};{line};{kind}\r\n" for export in exports for line, kind in export.faults
    ]
    text = f"{TITLE}\r\nFichier;Ligne;Défaut\r\n" + "".join(lines)
    return Export(PLANTED_FAULTS, text.encode("utf-8"), len(lines), [])


def write_exports(folder: Path, exports: list[Export]) -> list[Path]:
    paths = []
    for export in exports:
        path = folder / export.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(export.content)
        paths.append(path)
    return paths
