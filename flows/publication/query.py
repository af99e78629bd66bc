"""Questions to the release in SQL: read-only, and nothing outside the file can be reached."""

from datetime import date

import duckdb
import polars as pl

from flows.errors import ConfigurationError, ImpactError
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

    Raises ConfigurationError when there is no release yet, or when the SQL is wrong, ImpactError
    when the file is damaged.
    """
    if not settings.current_release.exists():
        raise ConfigurationError(
            _("there is no release yet"),
            where=str(settings.published),
            remedy=_("run `impact run`"),
        )
    file = str(settings.current_release.resolve())
    try:
        opened = duckdb.connect(file, read_only=True, config=LOCKED_DOWN)
    except (duckdb.Error, ValueError) as fault:
        raise damaged(file) from fault
    with opened as release:
        release.execute(f"SET TimeZone = '{TIME_ZONE}'")
        release.execute("SET lock_configuration = true")
        try:
            answer = release.sql(sql)
            return pl.DataFrame() if answer is None else answer.pl()
        except (duckdb.IOException, duckdb.FatalException) as fault:
            raise damaged(file) from fault
        except duckdb.Error as fault:
            raise ConfigurationError(
                str(fault).strip(),
                where="query",
                remedy=_("FROM LISEZMOI lists the tables and columns"),
            ) from fault


def next_day(settings: Settings, today: date) -> date | None:
    """The next day on which the figures of a period are due, as the current release says it."""
    if not settings.current_release.exists():
        return None
    sql = "SELECT publiee_des FROM calendrier"
    try:
        with duckdb.connect(
            str(settings.current_release.resolve()), read_only=True, config=LOCKED_DOWN
        ) as release:
            days = [day for (day,) in release.execute(sql).fetchall() if day > today]
    except (duckdb.Error, ValueError):  # damaged, or of an earlier structure
        return None
    return min(days, default=None)


def damaged(file: str) -> ImpactError:
    return ImpactError(
        _("the release is damaged"),
        where=file,
        remedy=_("run `impact run`: the last good one stands for it until there is a new one"),
    )
