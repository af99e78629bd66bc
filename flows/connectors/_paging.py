"""Lists that are read page after page, and that move while they are read."""

from collections.abc import Callable
from typing import Any

from flows.connectors._http import Ask
from flows.connectors._journal import Answer
from flows.language import _

MOST_WALKS = 4


def records_in(ask: Ask, answer: Answer, key: str) -> list[Any]:
    """The list of records of a page; raises SourceError for a page that has none."""
    content = answer.json()
    if not isinstance(content, dict) or not isinstance(content.get(key), list):
        raise ask.fault(
            _("its answer has no list {key!r}").format(key=key),
            _("check `url`; if it is right, the system has changed"),
        )
    found: list[Any] = content[key]
    return found


def walk_numbered(
    ask: Ask,
    path: str,
    params: dict[str, Any],
    key: str,
    total_of: Callable[[Answer], int | None],
    per_page: int,
) -> None:
    """Ask for page 1, 2, 3 … until one is empty or all are there.

    A list that moves shows a record twice, or not at all: when fewer were seen than the system says
    there are, it is walked again. Raises SourceError when that does not help.
    """
    seen: set[Any] = set()
    for _walk in range(MOST_WALKS):
        page, total = 1, None
        while True:
            answer = ask.get(path, {**params, "page": page})
            records = records_in(ask, answer, key)
            seen.update(record.get("id") for record in records if isinstance(record, dict))
            total = total_of(answer)
            if not records or (total is not None and page * per_page >= total):
                break
            page += 1
        if total is None or len(seen) >= total:
            return
    raise ask.fault(
        _("its list moves while it is read: {seen} of {total} records came").format(
            seen=len(seen), total=total
        ),
        _("run again when nobody works in it"),
    )
