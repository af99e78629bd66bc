"""Where Prefect keeps things, and which server a command shows its run on.

`python -m flows.serving.prefect_home` makes the empty database of the installation.
"""

import logging
import os
import shutil
import subprocess
import sys
from pathlib import Path

from flows.errors import ConfigurationError, reason
from flows.language import _
from flows.machine import refusal_of
from flows.serving import password
from flows.serving.addresses import HOST, running
from flows.settings import Settings

logger = logging.getLogger("impact")

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
    if "PREFECT_API_URL" not in os.environ and (refused := refusal_of(settings.home)):
        raise refused
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
    secret = password.known_password(settings) or os.environ.get(password.ASKED)
    if there is None or (there.is_closed and not secret):
        close_own_server()
        return
    if not there.is_closed:
        logger.warning(
            _(
                "the service that is running asks for no password: it was started by an older "
                "version → stop it, and start `impact serve` again"
            )
        )
    os.environ.setdefault("PREFECT_API_URL", there.addresses.api)
    if secret:
        os.environ.setdefault(password.GIVEN, secret)


def close_own_server() -> None:
    """A command's own server listens on a port too: nobody else has its password."""
    if "PREFECT_API_URL" in os.environ:
        return
    os.environ.setdefault(password.ASKED, password.new_password())
    os.environ[password.GIVEN] = os.environ[password.ASKED]
    os.environ.setdefault("PREFECT_SERVER_CORS_ALLOWED_ORIGINS", f"http://{HOST}")


def make_ready_database() -> None:
    """At installation: an empty Prefect database, because making one takes Prefect ten seconds."""
    subprocess.run(
        [sys.executable, "-m", "prefect", "server", "database", "upgrade", "-y"],
        env={**os.environ, "PREFECT_HOME": str(READY_DATABASE), "DO_NOT_TRACK": "1"},
        check=True,
    )
    READY_DATABASE.chmod(0o755)  # who runs it may be another user than who installed it


if __name__ == "__main__":
    make_ready_database()
