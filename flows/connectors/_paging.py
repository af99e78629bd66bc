"""Lists that are read page after page, and that move while they are read."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from flows.connectors._http import Ask
from flows.connectors._journal import Answer
from flows.connectors._json import OtherForm, shape
from flows.errors import SourceError
from flows.language import _

MOST_WALKS = 4


def records_in(ask: Ask, answer: Answer, key: str) -> list[Any]:
    """The list of records of a page; raises SourceError for a page that has none."""
    content = answer.json()
    if not isinstance(content, dict) or not isinstance(content.get(key), list):
        raise fault_of_answers(
            ask,
            _("its answer has no list {key!r}").format(key=key),
            _("check `url`; if it is right, the system has changed"),
        )
    found: list[Any] = content[key]
    return found


def fault_of_answers(ask: Ask, what: str, remedy: str) -> SourceError:
    """A fault of what came: the next run asks for all of it again, and does not go on from it."""
    ask.journal.forget()
    return ask.fault(what, remedy)


def walk_numbered(
    ask: Ask,
    path: str,
    params: dict[str, Any],
    key: str,
    total_of: Callable[[Answer], int | None],
    per_page: int,
    copies_of: Callable[[Any], int] | None = None,
    look: Callable[[list[Any]], None] = lambda _records: None,
) -> set[Any]:
    """Ask for page 1, 2, 3 … until one is empty or all are there; returns their numbers.

    `look` is shown the records of each page, for what has to be asked after them.
    A list that moves shows a record twice, or not at all: when fewer were seen than the system says
    there are, it is walked again. Where the system counts copies, a walk is also complete in which
    each record came as often as `copies_of` says, or as often as in the walk before. Raises
    SourceError when nothing helps.
    """
    seen: set[Any] = set()
    before: Counter[Any] | None = None
    for _walk in range(MOST_WALKS):
        came: Counter[Any] = Counter()
        expected: Counter[Any] = Counter()
        for records, said in numbered_pages(ask, path, params, key, total_of, per_page):
            total = said
            numbers = [record.get("id") for record in records]
            try:
                came.update(numbers)
            except TypeError:  # some are lists or objects
                raise OtherForm(f"id: {shape(numbers)}") from None
            look(records)
            if copies_of:
                expected |= Counter({r.get("id"): copies_of(r) for r in records})
        seen |= came.keys()
        if total is None or len(seen) >= total:
            return seen
        if copies_of and came.total() == total and came in (before, expected):
            return seen
        before = came
    raise fault_of_answers(
        ask,
        _("its list moves while it is read: {seen} of {total} records came").format(
            seen=len(seen), total=total
        ),
        _("run again when nobody works in it"),
    )


def numbered_pages(
    ask: Ask,
    path: str,
    params: dict[str, Any],
    key: str,
    total_of: Callable[[Answer], int | None],
    per_page: int,
) -> Iterator[tuple[list[dict[str, Any]], int | None]]:
    """The records of each page, at least of one, and how many there are as it says."""
    page = 1
    while True:
        answer = ask.get(path, {**params, "page": page})
        records = records_in(ask, answer, key)
        total = total_of(answer)
        yield [record for record in records if isinstance(record, dict)], total
        if not records or (total is not None and page * per_page >= total):
            return
        page += 1
