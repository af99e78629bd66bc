"""The one-way rule, the size of things, and what may not be imported where."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from flows.settings import PROJECT

SOURCES = sorted([*PROJECT.glob("flows/**/*.py"), *PROJECT.glob("schemas/*.py")])
FLOW_MODULES = {
    "nightly",
    "arrival",
    "routine",
    "rerun",
    "collect",
    "build",
    "publish",
    "run_context",
    "run_page",
    "deployments",
}
LAYERS = ("connectors", "intake", "warehouse", "publication")
SHARED = {"settings", "errors", "language", "declaration", "places", "records", "reference"}


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


@pytest.mark.parametrize("file", SOURCES, ids=lambda f: str(f.relative_to(PROJECT)))
def test_only_flow_modules_import_prefect(file):
    if file.parent.name == "flows" and file.stem in FLOW_MODULES:
        return
    assert not {name for name in imported(file) if name.split(".")[0] == "prefect"}


def test_schemas_import_nothing_of_ours():
    for file in PROJECT.glob("schemas/*.py"):
        assert not {name for name in imported(file) if name.startswith("flows")}, file


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_imports_only_itself_and_what_all_share(layer):
    for file in PROJECT.glob(f"flows/{layer}/*.py"):
        for name in imported(file):
            parts = name.split(".")
            if parts[0] == "flows" and len(parts) > 1:
                assert parts[1] in {layer, *SHARED}, f"{file.name} imports {name}"


def test_great_expectations_is_imported_in_the_audit_alone():
    users = [
        file.name
        for file in SOURCES
        if any(name.startswith("great_expectations") for name in imported(file))
    ]
    assert users == ["audit.py"]


@pytest.mark.parametrize("file", SOURCES, ids=lambda f: str(f.relative_to(PROJECT)))
def test_files_and_functions_stay_small(file):
    text = file.read_text(encoding="utf-8")
    assert text.count("\n") <= 320
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 55, node.name


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


def test_no_sql_reads_the_clock():
    for file in PROJECT.glob("sql/**/*.sql"):
        text = file.read_text(encoding="utf-8").lower()
        for clock in ("now()", "current_date", "current_timestamp", "today()", "get_current"):
            assert clock not in text, f"{file.name} reads {clock}"
