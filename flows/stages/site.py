"""The pages of the current release, beside it or wherever somebody wants them."""

from pathlib import Path

from flows.errors import ConfigurationError, ImpactError, unexpected
from flows.language import _
from flows.settings import Settings
from flows.site.make import make_site


def make_site_of(settings: Settings, folder: Path | None = None) -> tuple[Path, int]:
    """The folder, and how many pages it has. Raises ImpactError: then a former site stands."""
    if not settings.current_release.exists():
        raise ConfigurationError(
            _("there is no release yet"),
            where=str(settings.published),
            remedy=_("run `impact run`"),
        )
    target = folder or settings.site
    return target, make_site(settings.current_release.resolve(), target)


def renew_site(settings: Settings) -> str:
    """Make the pages of what was just published; why they could not be made, else nothing.

    A publication stands without its pages: the former ones stay until somebody makes room, and a
    fault of the pages is no fault of what was published.
    """
    try:
        make_site_of(settings)
    except Exception as fault:
        why = fault if isinstance(fault, ImpactError) else unexpected(fault)
        return _("the pages are those of an earlier release: {fault}").format(fault=why)
    return ""
