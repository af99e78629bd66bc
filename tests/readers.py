"""A release in the DuckDBs that funders have, and in the next one: every cell and answer is the same.

`make readers` opens with each of them what `make run` published, without the right to fetch an
extension. The next DuckDB writes it once more from the warehouse, and the command asks it.
"""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb

from flows.publication.release import write_release
from flows.settings import PROJECT, Settings

SETTINGS = Settings(home=PROJECT / "data/local", places=PROJECT / "data/places", keys=PROJECT)
WITHOUT_EXTENSIONS = {"autoload_known_extensions": "false", "autoinstall_known_extensions": "false"}
COMMAND = Path(sys.executable).with_name("impact")
QUESTION = "SELECT * FROM publication"


def seen_in(release: Path) -> dict[str, str]:
    """Digest of each table, and of the answer to each example of `LISEZMOI`."""
    with duckdb.connect(str(release), read_only=True, config=WITHOUT_EXTENSIONS) as file:
        tables = [name for (name,) in file.execute("SHOW TABLES").fetchall()]
        asked = file.execute("SELECT exemple FROM LISEZMOI WHERE exemple <> ''").fetchall()
        questions = [f"FROM {name}" for name in tables] + [question for (question,) in asked]
        answers = {question: file.execute(question).fetchall() for question in questions}
        answers["catalogue"] = file.execute("SELECT current_database()").fetchall()
    return {
        question: hashlib.sha256(repr(sorted(rows, key=repr)).encode()).hexdigest()
        for question, rows in answers.items()
    }


def written_anew() -> dict[str, str]:
    """What the DuckDB of this process writes from the warehouse."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "warehouse.duckdb").symlink_to(SETTINGS.warehouse)
        (home / "published").mkdir()
        # the release before, which has the same figures: so it tells the same changes
        (home / "published" / "current.duckdb").symlink_to(SETTINGS.current_release.resolve())
        written = write_release(Settings(home=home, places=SETTINGS.places, keys=home), "anew")
        named_alike = written.rename(written.with_name(SETTINGS.current_release.name))
        return seen_in(named_alike)


def differences(folder: Path, mine: dict[str, str]) -> list[str]:
    """What another DuckDB sees otherwise; `folder` stands before the installed packages."""
    theirs = asked(folder, "-m", "tests.readers", "seen")
    found = [f"{folder.name} reads otherwise: {name}" for name in sorted(differing(mine, theirs))]
    if folder.name >= "2":
        written = asked(folder, "-m", "tests.readers", "write")
        found += [f"{folder.name} writes otherwise: {one}" for one in differing(mine, written)]
        question = (str(COMMAND), "query", "--format", "json", QUESTION)
        if asked(folder, *question) != asked(None, *question):
            found.append(f"{folder.name}: `impact query` answers otherwise")
    return found


def differing(mine: dict[str, str], theirs: dict[str, str]) -> set[str]:
    return {name for name in mine | theirs if mine.get(name) != theirs.get(name)}


def asked(folder: Path | None, *arguments: str) -> dict[str, str]:
    environment = {**os.environ, "PYTHONPATH": str(folder or "")}
    answer = subprocess.run(
        [sys.executable, *arguments], env=environment, check=True, stdout=subprocess.PIPE
    )
    return json.loads(answer.stdout)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["seen"]:
            sys.stdout.write(json.dumps(seen_in(SETTINGS.current_release)))
        case ["write"]:
            sys.stdout.write(json.dumps(written_anew()))
        case folders:
            mine = seen_in(SETTINGS.current_release)
            found = [line for name in folders for line in differences(Path(name).resolve(), mine)]
            names = ", ".join(Path(name).name for name in folders)
            sys.stdout.write("\n".join(found) or f"the release is the same in DuckDB {names}\n")
            sys.exit(bool(found))
