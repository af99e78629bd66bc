"""Share: put the release where a funder fetches it, in a folder here or elsewhere."""

import tempfile
from pathlib import Path

from flows.connectors._bring import bring, read_target
from flows.publication.share import share_release
from flows.settings import Settings


def share(settings: Settings, target: Path) -> int:
    """Write the release into a folder, or bring it to the one that a TOML file declares; how many
    files there are.

    Raises ImpactError where there is no release, or where it cannot be put: then the former one
    stays there.
    """
    if target.suffix != ".toml":
        return len(share_release(settings, target))
    declared = read_target(target)
    settings.scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=settings.scratch) as name:
        here = Path(name)
        files = share_release(settings, here)
        bring({f.relative_to(here).as_posix(): f for f in files}, declared, target.parent)
    return len(files)
