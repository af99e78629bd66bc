"""The warehouse written anew: DuckDB leaves in its file the bytes of what was deleted."""

from contextlib import closing

from flows.settings import Settings
from flows.warehouse.database import connect
from flows.whole_files import written_whole

FRESH = "fresh"


def rewrite(settings: Settings) -> None:
    """Copy what is there into a fresh file, and put that in the place of the former, whole.

    The caller is the only writer, and has closed the file. `DELETE`, `CHECKPOINT` and `VACUUM`
    free blocks without overwriting them; `COPY FROM DATABASE` copies rows, not blocks.
    """
    with written_whole(settings.warehouse) as unfinished:
        unfinished.unlink()
        with closing(connect(settings)) as warehouse:
            name = settings.warehouse.stem
            warehouse.execute("SET threads = 1")
            warehouse.execute("CHECKPOINT")
            warehouse.execute(f"ATTACH '{quoted(str(unfinished))}' AS {FRESH}")
            warehouse.execute(f"COPY FROM DATABASE {name} TO {FRESH}")
            warehouse.execute(f"CHECKPOINT {FRESH}")
            warehouse.execute(f"DETACH {FRESH}")
        unfinished.chmod(0o600)


def quoted(text: str) -> str:
    return text.replace("'", "''")
