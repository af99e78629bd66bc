"""Where Prefect keeps things, and which server a command shows its run on.

`python -m flows.serving.prefect_home` makes the empty database of the installation.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from flows.errors import ConfigurationError, reason
from flows.language import _
from flows.serving.addresses import running
from flows.settings import Settings

READY_DATABASE = Path(sys.prefix) / "prefect"


def point_prefect_at(settings: Settings) -> None:
    """Keep Prefect's database inside the home; to be called before Prefect is imported."""
    folder = settings.home / "prefect"
    try:
        settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.mkdir(exist_ok=True)
    except OSError as fault:
        raise ConfigurationError(
            _("the home cannot be written ({reason})").format(reason=reason(fault)),
            where=str(settings.home),
            remedy=_("give this user the right to write there, or point IMPACT_HOME elsewhere"),
        ) from fault
    ready = READY_DATABASE / "prefect.db"
    if ready.exists() and not (folder / "prefect.db").exists():
        shutil.copyfile(ready, folder / "prefect.db")
    os.environ.setdefault("PREFECT_HOME", str(folder))
    use_running_server(settings)


def use_running_server(settings: Settings) -> None:
    """With `impact serve` running, a command shows its run there instead of in a server of its own.

    Without the password that this server asks for, it does as if there were none.
    """
    there = running(settings)
    secret = os.environ.get("PREFECT_SERVER_API_AUTH_STRING")
    if there is None or (there.is_closed and not secret):
        return
    os.environ.setdefault("PREFECT_API_URL", there.addresses.api)
    if secret:
        os.environ.setdefault("PREFECT_API_AUTH_STRING", secret)


def make_ready_database() -> None:
    """At installation: an empty Prefect database, because making one takes Prefect ten seconds."""
    subprocess.run(
        [sys.executable, "-m", "prefect", "server", "database", "upgrade", "-y"],
        env={**os.environ, "PREFECT_HOME": str(READY_DATABASE), "DO_NOT_TRACK": "1"},
        check=True,
    )


if __name__ == "__main__":
    make_ready_database()
