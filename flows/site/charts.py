"""Where the lines, dots and bars of a chart lie; `templates/charts.html` draws them.

Every value that is written or drawn is one that the release shows; every scale begins at zero.
Lengths are in the units of the drawing, one to a pixel at its full width.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from flows.site.figures import Figure
from flows.site.words import Words

LETTER = 8.3
"""How wide a letter or a digit is, at most on average, in text of 13 units."""
WIDE, NARROW = 680, 340


class Text(NamedTuple):
    """A label at a point: it starts there, or ends there (`e`), or has its middle there (`c`)."""

    x: float
    y: float
    text: str
    kind: str = ""
    """Its classes; `m` is bold."""


@dataclass(frozen=True)
class Drawing:
    """One drawing: paths by their class, and labels."""

    width: int
    height: int
    paths: list[tuple[str, str]] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)


@dataclass(frozen=True)
class Chart:
    """What a figure shows: the same for wide screens and for paper, and for phones."""

    title: str
    description: str
    wide: Drawing
    narrow: Drawing


class Scale(NamedTuple):
    """From numbers to lengths: zero lies at `zero`, `top` at `end`."""

    top: float
    zero: float
    end: float

    def at(self, value: float) -> float:
        return round(self.zero + (self.end - self.zero) * value / self.top, 1)


def near(value: float) -> str:
    """A length, as short as it can be written."""
    return f"{value:.1f}".removesuffix(".0")


def path(points: Sequence[tuple[float, float]]) -> str:
    """A line through points, each told by its distance from the one before, in whole units.

    A lone point is a dot, as the ends of a line are round.
    """
    whole = [(round(x), round(y)) for x, y in points]
    steps = [f"{x - a} {y - b}".replace(" -", "-") for (a, b), (x, y) in pairwise(whole)]
    return f"M{whole[0][0]} {whole[0][1]}" + ("l" + " ".join(steps) if steps else "h0")


def top_of(figures: Sequence[Figure]) -> float:
    """The highest upper bound."""
    return max((f.most or f.value or 0 for f in figures if f.shown is not None), default=0) or 1


def unbroken(figures: Sequence[Figure]) -> Iterator[list[int]]:
    """The runs of periods that have a value, by their numbers: no line crosses a gap."""
    run: list[int] = []
    for number, figure in enumerate(figures):
        if figure.value is not None:
            run.append(number)
        elif run:
            yield run
            run = []
    if run:
        yield run


def lines(
    figures: Sequence[Figure], xs: Sequence[float], scale: Scale
) -> Iterator[tuple[str, str]]:
    """The bounds as a band, then the line; what is provisional is dashed."""
    runs = [*unbroken(figures)]
    for run in runs:
        above = [(xs[n], scale.at(figures[n].most or 0)) for n in run]
        below = [(xs[n], scale.at(figures[n].least or 0)) for n in reversed(run)]
        if len(run) > 1:
            yield "b", path(above + below) + "z"
    for run in runs:
        points = [(xs[n], scale.at(figures[n].value or 0)) for n in run]
        late = next((at for at, n in enumerate(run) if figures[n].state == "provisoire"), len(run))
        if late < len(run):
            yield "l p", path(points[max(0, late - 1) :])
        if late > 1 or late == len(run):
            yield "l", path(points[:late])


def gaps(figures: Sequence[Figure], xs: Sequence[float], base: float) -> str:
    """A small cross on the base line for each period without a value."""
    return "".join(
        f"M{near(x - 3)} {near(base - 3)}l6 6m0-6l-6 6"
        for figure, x in zip(figures, xs, strict=True)
        if figure.shown is None
    )


def course(
    title: str, description: str, figures: Sequence[Figure], words: Words, unit: str = ""
) -> Chart:
    """A line over the months, drawn twice."""
    return Chart(
        title,
        description,
        months(figures, words, WIDE, 270),
        months(figures, words, NARROW, 190),
    )


def months(figures: Sequence[Figure], words: Words, width: int, height: int) -> Drawing:
    """The line of one drawing, with its highest and its last value written beside it."""
    shown = [f for f in figures if f.value is not None]
    highest = max(shown, key=lambda f: f.value or 0)
    last = shown[-1]
    left = 14 + LETTER * len(words.shown(highest.shown or ""))
    right = width - 14 - LETTER * len(words.shown(last.shown or ""))
    base = height - 26
    scale = Scale(top_of(figures), base, 16)
    step = (right - left) / max(1, len(figures) - 1)
    xs = [round(left + step * number) for number in range(len(figures))]
    drawing = Drawing(width, height)
    high = scale.at(highest.value or 0)
    drawing.paths.append(("g", f"M{near(left)} {near(high)}H{near(right)}"))
    drawing.paths.append(("a", f"M{near(left)} {near(base)}H{near(right)}"))
    drawing.paths.extend(lines(figures, xs, scale))
    if crosses := gaps(figures, xs, base):
        drawing.paths.append(("x", crosses))
    drawing.texts.append(Text(left - 6, high + 4, words.shown(highest.shown or ""), "e"))
    if base - high > 16:
        drawing.texts.append(Text(left - 6, base + 4, "0", "e"))
    at = scale.at(last.value or 0)
    place = xs[[f is last for f in figures].index(True)]
    drawing.texts.append(Text(place + 6, at + 4, words.shown(last.shown or ""), "m"))
    drawing.texts.extend(under_the_axis(figures, xs, words, height - 8, left, right))
    return drawing


def under_the_axis(
    figures: Sequence[Figure], xs: Sequence[float], words: Words, y: float, left: float,
    right: float,
) -> Iterator[Text]:  # fmt: skip
    """The first and the last month, and each January that has room between them."""
    ends = {0: "", len(figures) - 1: "e"}
    room = LETTER * 8
    for number, figure in enumerate(figures):
        is_free = left + 1.6 * room < xs[number] < right - 1.6 * room
        if number in ends or (figure.start.month == 1 and is_free):
            kind = ends.get(number, "c")
            if len(figures) > 1 or number == 0:
                yield Text(xs[number], y, words.short_month(figure.start), kind)


def spark(figures: Sequence[Figure], top: float, width: int = 130, height: int = 30) -> str:
    """One small line, on a scale that others share; empty where nothing is shown."""
    scale = Scale(top, height - 2, 2)
    step = (width - 6) / max(1, len(figures) - 1)
    return "".join(
        path([(3 + step * n, scale.at(figures[n].value or 0)) for n in run])
        for run in unbroken(figures)
    )


def mix(title: str, description: str, rows: Sequence[tuple[str, Figure]], words: Words) -> Chart:
    """A dot for each category, with the bounds of its rounding as a bar."""
    return Chart(
        title,
        description,
        dots(rows, words, WIDE, beside=True),
        dots(rows, words, NARROW, beside=False),
    )


def dots(rows: Sequence[tuple[str, Figure]], words: Words, width: int, *, beside: bool) -> Drawing:
    """The names stand beside the dots, or above them where there is no room."""
    left = 12 + LETTER * max(len(name) for name, _figure in rows) if beside else 8
    left = min(left, width / 2)
    longest = max(len(words.shown(f.shown or "")) for _name, f in rows)
    right = width - 20 - LETTER * max(longest, 4)
    step, base = (26, 18) if beside else (44, 34)
    drawing = Drawing(width, round(step * len(rows) + 6))
    scale = Scale(top_of([figure for _name, figure in rows]), left, right)
    guides, bounds, points = "", "", ""
    for number, (name, figure) in enumerate(rows):
        y = number * step + base
        label = Text(left - 10, y + 2, name, "e") if beside else Text(left, y - 14, name)
        drawing.texts.append(label)
        guides += f"M{near(left)} {near(y - 3)}H{near(right)}"
        if figure.shown is None:
            continue
        least = scale.at(figure.least or 0)
        most = scale.at(figure.most if figure.most is not None else figure.value or 0)
        bounds += f"M{near(least)} {near(y - 3)}H{near(most)}"
        if figure.value is not None:
            points += f"M{near(scale.at(figure.value))} {near(y - 3)}h0"
        drawing.texts.append(Text(most + 9, y + 2, words.shown(figure.shown), "m"))
    drawing.paths.extend(
        (name, d) for name, d in zip("grd", (guides, bounds, points), strict=True) if d
    )
    return drawing


class Aim(NamedTuple):
    """A target and where it stands, with the bounds of the value."""

    value: float
    least: float
    most: float
    target: float


def bullet(title: str, description: str, aim: Aim) -> Chart:
    """A bar for what is reached, its bounds, and a mark for what is aimed at."""
    return Chart(title, description, bar(aim, WIDE), bar(aim, NARROW))


def bar(aim: Aim, width: int) -> Drawing:
    scale = Scale(max(aim.target, aim.most) or 1, 4, width - 8)
    x = {name: near(scale.at(getattr(aim, name))) for name in Aim._fields}
    drawing = Drawing(width, 34)
    drawing.paths.extend([
        ("t", f"M4 17H{near(scale.end)}"),
        ("w", f"M4 17H{x['value']}"),
        ("u", f"M{x['least']} 17H{x['most']}"),
        ("k", f"M{x['target']} 3V31"),
    ])  # fmt: skip
    return drawing


def elapsed(title: str, description: str, share: float, ends: tuple[str, str]) -> Chart:
    """How much of a time has passed; its first and last day stand below."""
    return Chart(title, description, stretch(share, ends, WIDE), stretch(share, ends, NARROW))


def stretch(share: float, ends: tuple[str, str], width: int) -> Drawing:
    drawing = Drawing(width, 48)
    drawing.paths.append(("t", f"M4 14H{width - 8}"))
    drawing.paths.append(("w", f"M4 14H{near(4 + (width - 12) * share)}"))
    drawing.texts.append(Text(4, 40, ends[0]))
    drawing.texts.append(Text(width - 8, 40, ends[1], "e"))
    return drawing
