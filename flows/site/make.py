"""Write the pages of a release into a folder beside, and switch when they are whole."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flows.errors import ConfigurationError, reason
from flows.language import LANGUAGES, _
from flows.site.data_page import write_data
from flows.site.pages import pages
from flows.site.read import Release, opened
from flows.site.render import Renderer, style
from flows.whole_files import switch_folder

MARK = "site.json"
"""Who finds this file in a folder knows that it is a site, and of which release."""


def make_site(file: Path, folder: Path) -> int:
    """Make the pages of a release, and let them stand in `folder`; how many there are.

    The same release gives the same bytes. A former site stays until the new one is whole, and goes
    in one step. Raises ImpactError where the file is no release that can be shown, where the folder
    holds something else than a site, and where it cannot be written: then it is left as it is.
    """
    with opened(file) as release:
        refuse_other(folder)
        try:
            return write(release, folder)
        except OSError as fault:
            raise ConfigurationError(
                _("the site cannot be written there ({reason})").format(reason=reason(fault)),
                where=str(folder),
                remedy=_("make room there, or give this user the right to write"),
            ) from fault


def refuse_other(folder: Path) -> None:
    """Raises ConfigurationError where something stands that is not a site of ours."""
    try:
        is_ours = not folder.exists() or (
            folder.is_dir() and ((folder / MARK).is_file() or not any(folder.iterdir()))
        )
    except OSError:
        is_ours = False
    if not is_ours:
        raise ConfigurationError(
            _("this is not empty, and no site that this program made"),
            where=str(folder),
            remedy=_("name an empty folder, or one that is not there yet"),
        )


def write(release: Release, folder: Path) -> int:
    """Raises OSError, before anything of a former site was touched."""
    folder = folder.resolve()
    folder.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}-", suffix=".part"))
    try:
        count = 0
        for path, content in written(release, write_data(release, beside)):
            file = beside / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content, "utf-8")
            count += 1
        (beside / "style.css").write_text(style(), "utf-8")
        mark = {"publication_id": release.about["publication_id"], "pages": count}
        (beside / MARK).write_text(json.dumps(mark, indent=2) + "\n", "utf-8")
        beside.chmod(0o755)
        switch_folder(beside, folder)
        return count
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def written(release: Release, files: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """Path → page, in each language."""
    renderers = [Renderer(language, release) for language in LANGUAGES]
    for several in pages(release, files, [renderer.make for renderer in renderers]):
        for renderer, page in zip(renderers, several, strict=True):
            yield renderer.folder + page.path, renderer.html(page)
