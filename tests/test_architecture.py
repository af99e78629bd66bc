"""The one-way rule, the size of things, and what may not be imported where."""

import ast
import graphlib
import importlib.metadata
import itertools
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

from flows.settings import PROJECT

SOURCES = sorted([*PROJECT.glob("flows/**/*.py"), *PROJECT.glob("schemas/*.py")])
LAYERS = {"connectors", "intake", "warehouse", "publication"}
ROOT = ""
"""The room of the words that all share: the files that lie in `flows/` itself."""


def imported(file: Path) -> set[str]:
    """Every module that a file imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def module_of(file: Path) -> str:
    parts = file.relative_to(PROJECT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_of(module: str) -> str:
    """The folder below `flows/` in which a module lies."""
    first = module.split(".")[1] if module.count(".") else ROOT
    return first if (PROJECT / "flows" / first).is_dir() else ROOT


FILES = {module_of(file): file for file in SOURCES if "schemas" not in file.parts}


@cache
def arrows() -> dict[str, set[str]]:
    """Which of our modules each of them imports."""
    return {
        module: {name for name in imported(file) if name in FILES and name not in (module, "flows")}
        for module, file in FILES.items()
    }


def circle(imports: dict[str, set[str]]) -> list[str]:
    """The names along a circle, each imported by the one after it; none where there is none."""
    try:
        list(graphlib.TopologicalSorter(imports).static_order())
    except graphlib.CycleError as found:
        return list(found.args[1])
    return []


def test_only_runs_imports_prefect():
    guilty = [
        str(file.relative_to(PROJECT))
        for file in SOURCES
        if file.parent != PROJECT / "flows" / "runs"
        and any(name.split(".")[0] == "prefect" for name in imported(file))
    ]
    assert not guilty, f"only flows/runs imports prefect: {', '.join(guilty)}"


def test_schemas_import_nothing_of_ours():
    for file in PROJECT.glob("schemas/*.py"):
        assert not {name for name in imported(file) if name.startswith("flows")}, file


def test_a_layer_imports_only_itself_and_what_all_share():
    guilty = [
        f"{module} imports {name}"
        for module, names in arrows().items()
        for name in names
        if room_of(module) in LAYERS and room_of(name) not in (room_of(module), ROOT)
    ]
    assert not guilty, "; ".join(guilty)


def test_no_modules_import_each_other_in_a_circle():
    assert not circle(arrows()), " is imported by ".join(circle(arrows()))


def test_no_folder_reaches_back_up():
    """Where one folder imports another, nothing of the other leads back to the first.

    Named are the fewest imports without which there is no circle: they were most likely the last.
    """
    rooms: dict[str, dict[str, list[str]]] = {}
    for module, names in arrows().items():
        for name in names:
            if room_of(name) != room_of(module):
                used = rooms.setdefault(room_of(module), {}).setdefault(room_of(name), [])
                used.append(f"{module} imports {name}")
    around = circle({room: {*used} for room, used in rooms.items()})
    along = [rooms[user][used] for used, user in itertools.pairwise(around)]
    assert not around, "; ".join(min(along, key=len))


def test_the_map_names_every_folder_and_every_shared_word():
    """`flows/__init__.py` is where somebody new begins."""
    told = ast.get_docstring(ast.parse((PROJECT / "flows/__init__.py").read_text())) or ""
    rooms = {room_of(module) for module in FILES} - {ROOT}
    words = {module.split(".")[1] for module in FILES if module.count(".") == 1} - rooms
    assert {name for name in rooms | words if not re.search(rf"`?\b{name}\b", told)} == set()


ONCE = {
    "writing a file whole": ("fsync", "flows/whole_files.py"),
    "looking for the nearest word": ("get_close_matches", "flows/spelling.py"),
    "what Pydantic found, in words": (".errors()", "flows/declaration.py"),
    "the header of a SQL file": (r"/\*(.*?)\*/", "flows/sql_files.py"),
}


def test_what_stands_once_stays_so():
    for what, (words, home) in ONCE.items():
        files = [file for file in SOURCES if words in file.read_text(encoding="utf-8")]
        assert [file.relative_to(PROJECT).as_posix() for file in files] == [home], what


def test_great_expectations_is_imported_in_the_audit_alone():
    users = [
        file.name
        for file in SOURCES
        if any(name.startswith("great_expectations") for name in imported(file))
    ]
    assert users == ["audit.py"]


def pinned(lock: str) -> dict[str, set[str]]:
    """The distributions of a lock, and their versions."""
    found: dict[str, set[str]] = {}
    lines = (PROJECT / lock).read_text("utf-8")
    for name, version in re.findall(r"^([a-z0-9-]+)(?:\[.*])?==(\S+)", lines, re.MULTILINE):
        found.setdefault(name, set()).add(version)
    return found


def test_what_runs_imports_only_what_running_installs():
    """The tools of the tests are not there where `make run` installed."""
    running = pinned("requirements.lock")
    homes = importlib.metadata.packages_distributions()
    ours = {"flows", "schemas", "__future__"} | sys.stdlib_module_names
    guilty = {
        f"{file.relative_to(PROJECT)} imports {name}"
        for file in SOURCES
        for name in {name.split(".")[0] for name in imported(file)} - ours
        if not any(re.sub(r"[-_.]+", "-", home).lower() in running for home in homes.get(name, []))
    }
    assert guilty == set()


def test_two_locks_give_one_version_of_what_both_name():
    running, tests = pinned("requirements.lock"), pinned("tests/requirements.lock")
    assert {name for name in running.keys() & tests if not tests[name] <= running[name]} == set()
    assert {"pytest", "playwright"} <= tests.keys() - running.keys()


def test_files_and_functions_stay_small():
    for file in SOURCES:
        text = file.read_text(encoding="utf-8")
        is_handed_over_alone = file.name == "dsn.py"
        assert text.count("\n") <= 320 or is_handed_over_alone, file
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                assert (node.end_lineno or 0) - node.lineno < 55, f"{file}: {node.name}"


def test_help_imports_nothing_heavy():
    code = (
        "import sys; from flows.cli import main; main(['--help']); "
        "heavy = {'prefect', 'polars', 'pandera', 'duckdb', 'great_expectations', 'rich'}; "
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=PROJECT, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_process_that_reads_imports_neither_contracts_nor_clients():
    """It is started in every run: Pandera takes longer to import than all it needs."""
    code = (
        "import sys; import flows.connectors.file; "
        "heavy = {'prefect', 'pandera', 'pandas', 'duckdb', 'httpx', 'asyncssh', 's3fs'}; "
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=PROJECT, check=False
    )
    assert done.returncode == 0, done.stderr


def test_no_sql_reads_the_clock():
    for file in PROJECT.glob("sql/**/*.sql"):
        text = file.read_text(encoding="utf-8").lower()
        for clock in ("now()", "current_date", "current_timestamp", "today()", "get_current"):
            assert clock not in text, f"{file.name} reads {clock}"
