"""A copy of the home for a dry run: what is done in it, the home does not see."""

import shutil
from dataclasses import replace
from pathlib import Path

from flows.intake import inbox
from flows.settings import Settings

PAYLOAD, MANIFEST = "payload", "manifest.json"


def copy_home(settings: Settings, folder: Path) -> Settings:
    """What a run reads and writes, as it is now; the caller is the only writer of the home.

    The folder is made anew: an earlier dry run of the same name may have been killed.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    copy = replace(settings, home=folder)
    if settings.warehouse.exists():
        shutil.copyfile(settings.warehouse, copy.warehouse)
    if settings.landing.exists():
        shutil.copytree(settings.landing, copy.landing, ignore=unfinished, copy_function=take)
    if settings.current_release.exists():
        release = settings.current_release.resolve().relative_to(settings.published.resolve())
        (copy.published / release).parent.mkdir(parents=True)
        shutil.copyfile(settings.current_release, copy.published / release)
        copy.current_release.symlink_to(release)
    return copy


def unfinished(_folder: str, names: list[str]) -> set[str]:
    """What somebody has begun to write: it may vanish meanwhile, and is theirs to go on with."""
    if MANIFEST not in names and any(name.startswith(PAYLOAD) for name in names):
        return set(names)
    return {name for name in names if name.endswith(".part")}


def take(source: str, target: str) -> None:
    """Link the bytes that are only read, and they are most; copy what a run may write into.

    A batch that was not accepted is landed again when its file is still there.
    """
    file = Path(source)
    if file.stem == PAYLOAD and inbox.outcome(file.parent).get("state") == "accepted":
        Path(target).hardlink_to(source)
    else:
        shutil.copy2(source, target)  # when a mark was set is what it says
