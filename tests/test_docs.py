"""What the documents say is there, works, and is complete."""

from __future__ import annotations

import importlib.util
import io
import re
from pathlib import Path
from typing import get_args

import pytest

from flows import connectors
from flows.cli import impact
from flows.connectors import connector
from flows.declaration import Closure, Contact, Declared, Programme, Secret
from flows.network.place_files import read_place
from flows.places import Place
from flows.publication.release import read_published
from flows.records import Pull
from flows.settings import PROJECT, Settings
from flows.shape import Split, Unpivot
from flows.sources import Identity, Source
from flows.warehouse.commitment_files import read_commitments
from flows.warehouse.commitments import Counting, Grant, Portfolio, Target
from flows.warehouse.examples import differences
from flows.warehouse.models import IndicatorHeader, read_indicators, read_model
from schemas import CONTRACTS, codes
from schemas.record import mappable_columns

README = (PROJECT / "README.md").read_text(encoding="utf-8")
COMMANDS = (PROJECT / "docs" / "commands.md").read_text(encoding="utf-8")
FUNDERS = (PROJECT / "docs" / "fr" / "financeurs.md").read_text(encoding="utf-8")
NETWORK = (PROJECT / "docs" / "network.md").read_text(encoding="utf-8")
PLACES = (PROJECT / "docs" / "places.md").read_text(encoding="utf-8")
SOURCES = (PROJECT / "docs" / "sources.md").read_text(encoding="utf-8")
CONTRIBUTING = (PROJECT / "CONTRIBUTING.md").read_text(encoding="utf-8")
DOCUMENTS = sorted(
    [*PROJECT.glob("*.md"), *PROJECT.glob("docs/**/*.md"), *PROJECT.glob("data/*/*.md")]
)
TOML_KEYS = {
    model.__name__: [
        key.alias or name for name, key in model.model_fields.items() if name != "folder"
    ]
    for model in (Place, Source, Unpivot, Split, Identity, Closure, Programme, Contact, Secret)
}


def block(text: str, language: str) -> str:
    """The first code block of a language."""
    found = re.search(rf"```{language}\n(.*?)```", text, re.DOTALL)
    assert found, f"no {language} block"
    return found[1]


def file_named(text: str, pattern: str) -> str:
    """The path that the text gives to a file, such as `sql/indicators/visit_days.sql`."""
    found = re.search(rf"This is `({pattern})`", text)
    assert found, pattern
    return found[1]


def columns_of(feed: str) -> list[str]:
    """The columns of a contract that a TOML may map."""
    return list(mappable_columns(CONTRACTS[feed]))


@pytest.mark.parametrize("name", sorted(impact.commands))
def test_every_command_is_described(name: str) -> None:
    assert f"| `impact {name}" in COMMANDS


def test_every_command_of_the_first_hour_exists_with_its_options() -> None:
    text = (PROJECT / "docs" / "fr" / "premiere-heure.md").read_text(encoding="utf-8")
    lines = re.findall(r"(?:^\$ |`)impact ([a-z-]+)([^`\n]*)", text, re.MULTILINE)
    assert {"init", "new-place", "check-source", "run"} <= {name for name, _ in lines}
    for name, rest in lines:
        options = {option for p in impact.commands[name].params for option in p.opts}
        assert set(re.findall(r"--[a-z-]+", rest)) <= options


@pytest.mark.parametrize("option", sorted(o for p in impact.commands["run"].params for o in p.opts))
def test_every_option_of_a_run_is_described(option: str) -> None:
    assert f"`{option}" in COMMANDS


def test_every_make_target_of_the_documents_exists() -> None:
    targets = set(re.findall(r"^([a-z0-9-]+):", (PROJECT / "Makefile").read_text(), re.MULTILINE))
    for text in (README, CONTRIBUTING):
        named = set(re.findall(r"(?:`|\$ )make ([a-z0-9-]+)", text))
        assert named
        assert named <= targets


def test_every_published_table_and_status_is_told_to_funders() -> None:
    for table in read_published(PROJECT / "sql" / "published"):
        assert f"| `{table.name}` |" in FUNDERS
    valeurs = {t.name: t for t in read_published(PROJECT / "sql" / "published")}["valeurs"]
    for status in re.findall(r"[a-z_]+", valeurs.columns["statut"]):
        assert f"| `{status}` |" in FUNDERS


def test_the_seven_questions_are_the_same_in_the_release_on_its_page_and_in_the_readme() -> None:
    tables = read_published(PROJECT / "sql" / "published")
    asked = {table.question: table.example or "" for table in tables if table.question}
    assert sorted(asked) == [1, 2, 3, 4, 5, 6, 7]
    page = " ".join(FUNDERS.split())
    for question, sql in asked.items():
        assert f"| `{sql}` |" in README
        assert f"{sql};" in page.partition(f"-- {question}. ")[2].partition("-- ")[0]


def test_what_protection_costs_is_said_as_it_was_measured() -> None:
    """The page of two pages shows some rows of the one that is generated, of twelve places."""
    page, measured = ((PROJECT / "docs" / f"{name}.md").read_text("utf-8")
                      for name in ("protection", "precision"))  # fmt: skip
    of_twelve = {tuple(line.split(" | ")[i] for i in (0, 1, 2, 4)) for line in measured.splitlines()
                 if line.startswith("| `") and line.count(" | ") == 5}  # fmt: skip
    costs = page.partition("## What it costs")[2].partition("## What it does not do")[0]
    shown = [tuple(line.removesuffix(" |").split(" | ")) for line in costs.splitlines()
             if line.startswith("| `")]  # fmt: skip
    assert len(shown) == 7 and {*shown} <= of_twelve
    assert page.count("\n") < 130, "two pages"


def test_the_readme_is_read_in_one_go_and_opens_four_doors() -> None:
    assert README.count("\n") <= 110
    for door in ("A place", "The data manager of a network", "A funder", "A developer"):
        assert f"| {door} | [" in README


@pytest.mark.parametrize("model", TOML_KEYS)
def test_every_key_of_a_place_is_described(model: str) -> None:
    for key in TOML_KEYS[model]:
        assert re.search(rf"^\|.*`{key}`.*\|.*\|", PLACES + SOURCES, re.MULTILINE), key


@pytest.mark.parametrize("model", [Portfolio, Grant, Target], ids=lambda m: m.__name__)
def test_every_key_beside_the_places_is_described(model: type[Declared]) -> None:
    about = NETWORK.partition(f"| Key of a `[[{model.__name__.lower()}s]]`")[2].partition("\n\n")[0]
    for key in model.model_fields:
        assert re.search(rf"^\|.*`{key}`.*\|.*\|", about, re.MULTILINE), key


def test_every_way_to_count_and_every_status_of_a_target_is_described() -> None:
    suivi = {t.name: t for t in read_published(PROJECT / "sql" / "published")}["suivi_objectifs"]
    statuses = re.findall(r"(?:^|; )([a-z_]+)", suivi.columns["statut"])
    assert len(statuses) == 5
    for word in [*get_args(Counting), *statuses]:
        assert f"\n| `{word}` |" in NETWORK


def test_the_example_of_a_network_is_accepted(tmp_path: Path) -> None:
    blocks = re.findall(r"## `(\w+\.toml)`\n\n```toml\n(.*?)```", NETWORK, re.DOTALL)
    assert [name for name, _ in blocks] == ["portfolios.toml", "grants.toml", "targets.toml"]
    for name, text in blocks:
        (tmp_path / name).write_text(text, encoding="utf-8")
    ids = ("le-lieu", "l-autre-lieu")
    places = [Place.model_validate({"id": i, "name": i, "commune_code": "80021"}) for i in ids]
    settings = Settings(home=tmp_path, places=tmp_path / "places", keys=tmp_path)
    found = read_commitments(settings, places, read_indicators(PROJECT / "sql"))
    assert (len(found.portfolios), len(found.grants), len(found.targets)) == (1, 1, 2)


@pytest.mark.parametrize("field", ["feed", "rhythm", "coverage"])
def test_every_word_that_a_source_may_use_is_described(field: str) -> None:
    words = CONTRACTS if field == "feed" else Source.model_fields[field].annotation.__args__
    for word in words:
        assert f"`{word}`" in PLACES


@pytest.mark.parametrize("feed", CONTRACTS)
def test_every_column_of_a_feed_is_described(feed: str) -> None:
    for column in columns_of(feed):
        assert f"`{column}`" in PLACES, column


def test_every_code_is_listed() -> None:
    listed = PLACES.partition("### Codes")[2]
    for kind in vars(codes).values():
        if (
            isinstance(kind, type)
            and issubclass(kind, codes.Code)
            and kind is not codes.IdentityKind
        ):
            assert all(f"`{value}`" in listed for value in kind.values()), kind


def test_every_format_that_is_read_is_listed() -> None:
    for suffix in connector("file").READERS:
        assert f"`{suffix}`" in PLACES


def test_links_lead_somewhere() -> None:
    for file in DOCUMENTS:
        for target in re.findall(r"\]\(([^)]+)\)", file.read_text(encoding="utf-8")):
            if "://" not in target:
                there = file.parent / target.partition("#")[0]
                assert there.exists(), f"{file.relative_to(PROJECT)}: {target}"


def test_the_complete_example_of_a_place_is_accepted_and_reads_its_export(tmp_path: Path) -> None:
    (tmp_path / "places").mkdir()
    (tmp_path / "exports").mkdir()
    toml = tmp_path / "places" / "le-lieu-exemple.toml"
    toml.write_text(block(PLACES, "toml"), encoding="utf-8")
    export = tmp_path / "exports" / "registre-2026-10-31.csv"
    export.write_text(block(PLACES, "csv"), encoding="utf-8")
    place = read_place(toml)
    reader = connector(place.sources[0].connector)
    [delivery] = reader.fetch(place.sources[0], Pull(place.folder, tmp_path))
    assert delivery.path.samefile(export)
    with export.open("rb") as stream:
        [page] = reader.parse(stream, delivery.name, place.sources[0])
    assert len(page.rows) == page.records == 4


@pytest.mark.parametrize(
    "toml",
    re.findall(r"```toml\n(.*?)```", SOURCES, re.DOTALL),
    ids=lambda toml: re.search(r'connector = "(\w+)"', toml)[1],
)
def test_the_declaration_of_every_system_is_accepted(tmp_path: Path, toml: str) -> None:
    head = block(PLACES, "toml").partition("[[sources]]")[0]
    (tmp_path / "le-lieu-exemple.toml").write_text(head + toml, encoding="utf-8")
    place = read_place(tmp_path / "le-lieu-exemple.toml")
    assert all(connector(source.connector) for source in place.sources)


def test_every_system_has_its_section() -> None:
    for file in (PROJECT / "flows" / "connectors").glob("[!_]*.py"):
        if file.stem != "file":
            assert f'connector = "{file.stem}"' in SOURCES, file.stem


def test_the_recipe_of_a_place_and_that_of_a_connector_fit(tmp_path: Path) -> None:
    toml = tmp_path / "place.toml"
    toml.write_text(block(CONTRIBUTING, "toml"), encoding="utf-8")
    source = read_place(toml).sources[0]
    path = Path(file_named(CONTRIBUTING, r"flows/connectors/\w+\.py"))
    assert path.stem == source.connector
    (tmp_path / path.name).write_text(block(CONTRIBUTING, "python"), encoding="utf-8")
    spec = importlib.util.spec_from_file_location(path.stem, tmp_path / path.name)
    assert spec and spec.loader
    reader = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(reader)
    [page] = reader.parse(io.BytesIO(reader.SAMPLE), "sample.log", source)
    assert page.records == len(page.rows) + len(page.broken) + page.ignored
    assert len(page.rows) == len(page.broken) == 1


def test_the_recipe_of_a_connector_is_tried_as_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for path, language in (
        (file_named(CONTRIBUTING, r"flows/connectors/\w+\.py"), "python"),
        ("data/places/la-porte-exemple.toml", "toml"),
    ):
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).write_text(block(CONTRIBUTING, language), encoding="utf-8")
    folder = str(tmp_path / "flows" / "connectors")
    monkeypatch.setattr(connectors, "__path__", [*connectors.__path__, folder])
    monkeypatch.chdir(tmp_path)
    trial = re.search(r'python -c "\n(.*?)"\n```', CONTRIBUTING, re.DOTALL)
    assert trial
    exec(trial[1], {})
    assert "rule='ragged_line'" in capsys.readouterr().out


def test_the_recipe_of_a_system_reads_its_sample(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, code = re.findall(
        r"This is `flows/connectors/(\w+)\.py`.*?```python\n(.*?)```", CONTRIBUTING, re.DOTALL
    )[1]
    (tmp_path / f"{name}.py").write_text(code, encoding="utf-8")
    monkeypatch.setattr(connectors, "__path__", [*connectors.__path__, str(tmp_path)])
    head = block(PLACES, "toml").partition("[[sources]]")[0]
    (tmp_path / "place.toml").write_text(
        f"""{head}[[sources]]
        id = "dokos"
        feed = "attendance"
        connector = "{name}"
        url = "https://dokos.example"
        token = {{ env = "DOKOS" }}
        rhythm = "daily"
        coverage = "window"
        """,
        encoding="utf-8",
    )
    source = read_place(tmp_path / "place.toml").sources[0]
    reader = connector(name)
    [page] = reader.parse(io.BytesIO(reader.SAMPLE), "dokos.pages", source)
    assert page.records == len(page.rows) + len(page.broken) + page.ignored
    assert len(page.rows) == len(page.broken) == 1


def test_the_recipe_of_an_indicator_keeps_its_examples(tmp_path: Path) -> None:
    path = Path(file_named(CONTRIBUTING, r"sql/indicators/\w+\.sql"))
    (tmp_path / path.name).write_text(block(CONTRIBUTING, "sql"), encoding="utf-8")
    model = read_model(tmp_path / path.name, "indicator", IndicatorHeader)
    settings = Settings(home=tmp_path, places=tmp_path, keys=tmp_path)
    assert isinstance(model.header, IndicatorHeader)
    for example in model.header.examples:
        assert differences(model, example, settings) == []


def test_every_key_of_an_indicator_header_is_described() -> None:
    for key in IndicatorHeader.model_fields:
        assert re.search(rf"^\|.*`{key}`", CONTRIBUTING, re.MULTILINE), key


def test_every_indicator_is_among_the_figures_that_move() -> None:
    changelog = (PROJECT / "CHANGELOG.md").read_text(encoding="utf-8")
    moved = changelog.partition("### Figures that move")[2].partition("###")[0]
    for indicator_id in read_indicators(PROJECT / "sql"):
        assert f"`{indicator_id}`" in moved


def test_every_decision_has_a_number_and_its_three_parts() -> None:
    files = sorted((PROJECT / "docs" / "adr").glob("*.md"))
    assert [file.name[:4] for file in files] == [f"{n:04}" for n in range(1, len(files) + 1)]
    for file in files:
        text = file.read_text(encoding="utf-8")
        assert text.startswith(f"# {int(file.name[:4])}. ")
        assert all(f"\n## {part}\n" in text for part in ("Context", "Decision", "Consequences"))


def test_the_files_and_tests_that_the_documents_name_exist() -> None:
    made = {
        *(f"flows/connectors/{name}.py" for name in ("door_counter", "dokos")),
        file_named(CONTRIBUTING, r"sql/indicators/\w+\.sql"),
    }
    for file in DOCUMENTS:
        text = file.read_text(encoding="utf-8")
        for name in re.findall(
            r"`((?:flows|schemas|sql|tests|data/reference)/[\w./]+\.\w+)`", text
        ):
            assert name in made or (PROJECT / name).exists(), f"{file.name}: {name}"
