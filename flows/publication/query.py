"""Questions to the release in SQL: read-only, and nothing outside the file can be reached."""

import duckdb
import polars as pl

from flows.errors import ConfigurationError
from flows.language import _
from flows.settings import TIME_ZONE, Settings

LOCKED_DOWN: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "python_enable_replacements": "false",
}


def query_release(settings: Settings, sql: str) -> pl.DataFrame:
    """The answer of the current release.

    Raises ConfigurationError when there is no release yet, or when the SQL is wrong.
    """
    if not settings.current_release.exists():
        raise ConfigurationError(
            _("there is no release yet"),
            where=str(settings.published),
            remedy=_("run `impact run`"),
        )
    file = str(settings.current_release.resolve())
    with duckdb.connect(file, read_only=True, config=LOCKED_DOWN) as release:
        release.execute(f"SET TimeZone = '{TIME_ZONE}'")
        release.execute("SET lock_configuration = true")
        try:
            return release.execute(sql).pl()
        except duckdb.Error as fault:
            raise ConfigurationError(
                str(fault).strip(),
                where="query",
                remedy=_("FROM LISEZMOI lists the tables and columns"),
            ) from fault
