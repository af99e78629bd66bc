"""Bring files to a folder elsewhere, so that what stands there is whole before and after."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import ValidationError

from flows.connectors._afar import Folder
from flows.connectors._remote import Target, opened, told_faults
from flows.declaration import configuration_error, read_toml
from flows.errors import ImpactError

PART = ".part"


def read_target(file: Path) -> Target:
    """The folder elsewhere that a TOML file declares; raises ConfigurationError."""
    try:
        return Target.model_validate({"id": file.stem, **read_toml(file)})
    except ValidationError as broken:
        raise configuration_error(file, broken, Target) from broken


def bring(files: Mapping[str, Path], target: Target, beside: Path) -> None:
    """Bring files under their names, the last of them last: who finds it finds the others.

    All are brought under other names first, and then take their own; so what stands there is the
    former state for as long as bringing takes, and after a fault of it. Raises ImpactError.
    """
    where = f"{target.id}, {urlsplit(target.url).hostname}"
    with told_faults(where):
        folder = opened(target, beside, ".", where)
        folder.check()
        try:
            for name, file in files.items():
                folder.put(file, name + PART)
        except Exception:
            clear(folder, files)
            raise
        folder.remove([*files][-1])
        for name in files:
            folder.move(name + PART, name)


def clear(folder: Folder, names: Mapping[str, Path]) -> None:
    """Take away what was begun; the fault that ended it says more than one of this."""
    for name in names:
        with suppress(ImpactError):
            folder.remove(name + PART)
