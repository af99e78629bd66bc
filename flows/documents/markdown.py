"""The little Markdown that the documents need."""

from collections.abc import Iterable, Sequence


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; an upright stroke inside a cell does not end it."""
    lines = [list(header), ["---"] * len(header), *[list(row) for row in rows]]
    lines[2:] = [[cell.replace("|", "\\|") for cell in row] for row in lines[2:]]
    return "\n".join(f"| {' | '.join(row)} |" for row in lines)


def code(text: str) -> str:
    return f"`{text}`" if text else ""


def bullets(sentences: Iterable[str]) -> str:
    return "\n".join(f"- {sentence}" for sentence in sentences)
