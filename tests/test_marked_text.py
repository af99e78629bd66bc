"""Every sentence that is shown is marked for the catalogue: what the source gives to a user's eyes."""

import ast
import re
from collections.abc import Iterator

import pytest

from flows.settings import PROJECT

ALONE = PROJECT / "flows" / "onboarding" / "dsn.py"
"""Handed over without a catalogue, it says each sentence in both languages."""
SOURCES = sorted({*PROJECT.glob("flows/**/*.py"), *PROJECT.glob("schemas/*.py")} - {ALONE})
ERRORS = re.compile(r"(Error|Refused|Fault|Exception|Parameter)$")
SPEAKERS = {"print", "echo", "secho", "confirm", "prompt", "status", "add_column", "Table",
            "finding", "refuse", "warning", "error", "Completed", "Failed"}  # fmt: skip
SPOKEN = {"task_run_name", "flow_run_name", "prompt", "epilog", "short_help", "remedy", "message"}
"""Arguments that are shown, whatever they are given to."""
MARKS = {"_", "N_", "ngettext"}
LOOK_UPS = {"get", "getattr", "word", "replace", "ljust", "rjust", "strftime", "glob", "split"}
"""What these are given is a name, not something to read."""
WORD = re.compile(r"(?<!\S)[(\"'«“]*[^\W\d_][^\W\d_’'-]+[)\"'»”.,;:!?…]*(?!\S)")
"""With a dot, a slash or an underscore inside, it is the name of a file or of a key."""
SAME_IN_BOTH = {
    "impact", "version", "chmod", "go-rwx", "français", "English", "curl", "FILE", "TOKEN",
    "Authorization", "Bearer", "WWW-Authenticate", "user",
    "Connection", "close", "share", "TARGET",
}  # fmt: skip


def unmarked(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and text of each literal that is shown without a mark."""
    for scope in [tree, *(n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef))]:
        said_later = assigned(scope)
        for call in (node for node in ast.walk(scope) if isinstance(node, ast.Call)):
            for argument, is_error in shown(call):
                for part in [argument, *said_later.get(getattr(argument, "id", ""), [])]:
                    text = " ".join(literals(part))
                    bare = re.sub(r"\[/?bold\]", " ", text)
                    words = {word.strip(',.:"') for word in WORD.findall(bare)} - SAME_IN_BOTH
                    if words if is_error else len(words) > 1:
                        yield part.lineno, text


def assigned(scope: ast.AST) -> dict[str, list[ast.expr]]:
    """Variable → what a function gives it: `remedy = "…"` is shown where the name is."""
    found: dict[str, list[ast.expr]] = {}
    for node in ast.walk(scope) if isinstance(scope, ast.FunctionDef) else ():
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found.setdefault(node.targets[0].id, []).append(node.value)
    return found


def shown(call: ast.Call) -> Iterator[tuple[ast.expr, bool]]:
    """What a call shows, and whether a single word of it would be a sentence: in an error."""
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    is_error = bool(ERRORS.search(name)) and name not in ("isinstance", "AssertionError")
    if is_error or name in SPEAKERS:
        yield from ((argument, is_error) for argument in call.args)
    yield from ((k.value, is_error) for k in call.keywords if k.arg in SPOKEN)
    if is_error:  # `where` may be the dotted key of a file
        yield from ((k.value, False) for k in call.keywords if k.arg == "where")


def literals(node: ast.AST) -> Iterator[str]:
    """The text of an expression that stands in the source and no mark is around."""
    if isinstance(node, ast.Constant):
        if isinstance(node.value, str):
            yield node.value
        return
    if isinstance(node, ast.Call):
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name in MARKS | LOOK_UPS:
            return
    inner = [
        child
        for child in ast.iter_child_nodes(node)
        if not isinstance(node, ast.Subscript) or child is node.value
    ]
    if isinstance(node, ast.Compare | ast.Lambda):
        inner = []
    if isinstance(node, ast.FormattedValue):
        inner = [node.value]
    if isinstance(node, ast.Call) and not isinstance(node.func, ast.Name):
        inner = [node.func, *node.args, *(k.value for k in node.keywords)]
    for child in inner:
        yield from literals(child)


def test_what_is_shown_is_marked_for_the_catalogue() -> None:
    found = {
        f"{file.relative_to(PROJECT)}:{line}: {text!r}"
        for file in SOURCES
        for line, text in unmarked(ast.parse(file.read_text(encoding="utf-8")))
    }
    assert SOURCES
    assert not found, "\n".join(sorted(found))


@pytest.mark.parametrize(
    "source",
    [
        "raise ConfigurationError('no such place')",
        "raise ConfigurationError(f'{name} is twice')",
        "raise ConfigurationError(_('x'), remedy='mend it')",
        "raise BatchRefused(_('x'), where=f'{file}, line {line}, cell')",
        "raise SourceError('unreachable: {host}'.format(host=host))",
        "raise ValueError('the last day ' + str(day))",
        "raise click.BadParameter('unknown')",
        "click.echo(f'{count} files written')",
        "screen.print('nothing to do' if done else _('x'))",
        "def f():\n    remedy = 'write true or false'\n    refuse(file, rows, _('x'), remedy)",
        "@task(task_run_name='collect the place')\ndef collect(): ...",
    ],
)
def test_a_sentence_without_a_mark_is_found(source: str) -> None:
    assert [*unmarked(ast.parse(source))]


@pytest.mark.parametrize(
    "source",
    [
        "raise ConfigurationError(_('no place is called {name!r}').format(name=cells['name']))",
        "raise ConfigurationError(_('x'), where=f'{where}.columns')",
        "click.echo(f'impact: {fault}')",
        "screen.print(f'{state:<10} {one.found}', justify='right')",
        "def f():\n    remedy = _('write true or false')\n    refuse(file, rows, _('x'), remedy)",
    ],
)
def test_what_is_marked_or_has_no_sentence_is_left_alone(source: str) -> None:
    assert not [*unmarked(ast.parse(source))]
