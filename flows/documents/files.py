"""Which documents are generated, written into a checkout or compared with what is there."""

from pathlib import Path

from flows.documents.dictionary import dictionary
from flows.documents.methodology import methodology
from flows.documents.table_schemas import table_schemas
from flows.publication.release import read_published
from flows.settings import PROJECT, Settings
from flows.stages.definitions import JUDGED, definition_hashes
from flows.warehouse.models import read_indicators

DOCS = Path("docs")


def documents(project: Path) -> dict[Path, str]:
    """Path in the project → text, for every generated document."""
    indicators = read_indicators(project / "sql")
    settings = Settings(
        project, project, project, sql=project / "sql", reference=project / "data" / "reference"
    )
    return {
        JUDGED.relative_to(PROJECT): judged(settings),
        DOCS / "indicators.md": methodology(list(indicators.values())),
        DOCS / "dictionary.md": dictionary(read_published(project / "sql" / "published")),
        **table_schemas(project),
    }


def judged(settings: Settings) -> str:
    """The hash of each indicator: the tests prove its examples, so that a run need not."""
    hashes = definition_hashes(settings, read_indicators(settings.sql))
    return "".join(f"{text}\n" for text in sorted(hashes.values()))


def write_documents(project: Path) -> list[Path]:
    """Every document, in its place; what is there is replaced."""
    made = documents(project)
    for path, text in made.items():
        (project / path).parent.mkdir(parents=True, exist_ok=True)
        (project / path).write_text(text, encoding="utf-8")
    return list(made)


def stale_documents(project: Path) -> list[Path]:
    """The documents that are missing or say something else than what would be written."""
    return [
        path
        for path, text in documents(project).items()
        if not (project / path).is_file() or (project / path).read_text(encoding="utf-8") != text
    ]
