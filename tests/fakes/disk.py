"""A disk of its own for one command: small, or one that cannot be written."""

from __future__ import annotations

import subprocess
import warnings
from pathlib import Path

NO_DISK = "`unshare -rm` is not permitted: no disk can be made here"


def own_disk(folder: Path, options: str) -> list[str] | None:
    """What the command begins with to have one in that folder; nobody else sees it.

    None, said loudly, where a user may not make one.
    """
    mount = f'mount -t tmpfs -o "{options}" tmpfs "{folder}" && exec "$@"'
    begin = ["unshare", "-rm", "sh", "-c", mount, "sh"]
    try:
        subprocess.run([*begin, "true"], capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        warnings.warn(f"a full disk is NOT tested: {NO_DISK}", stacklevel=2)
        return None
    return begin
