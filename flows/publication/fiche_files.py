"""Where the fiches of places lie: in the home, readable by its owner alone."""

from pathlib import Path

from flows.errors import ConfigurationError, reason
from flows.language import _
from flows.publication.fiche import read_fiche
from flows.publication.fiche_page import fiche_page
from flows.publication.fiche_workbook import fiche_workbook
from flows.settings import Settings
from flows.whole_files import written_whole


def write_fiche(settings: Settings, place_id: str) -> list[Path]:
    """Write the workbook and the page of a place anew; the two files.

    Raises ConfigurationError for a place that no run has seen, and where they cannot be written.
    """
    fiche = read_fiche(settings, place_id)
    folder = settings.home / "fiches"
    written = {
        folder / f"{place_id}.xlsx": fiche_workbook(fiche),
        folder / f"{place_id}.html": fiche_page(fiche).encode(),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for file, content in written.items():
            with written_whole(file) as unfinished:
                unfinished.write_bytes(content)
    except OSError as fault:
        raise ConfigurationError(
            _("the file cannot be written ({reason})").format(reason=reason(fault)),
            where=str(fault.filename or folder),
            remedy=_("make room there, or give this user the right to write"),
        ) from fault
    return list(written)
