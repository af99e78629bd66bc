"""A page as HTML: templates that escape all that they are given, in one language."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jinja2

from flows.language import N_
from flows.site.cells import Cells
from flows.site.charts import near
from flows.site.parts import YEARS, Maker
from flows.site.read import Release
from flows.site.signs import sheet
from flows.site.words import Words

MENU = (
    ("index.html", N_("The network")),
    ("indicateurs/index.html", N_("Indicators")),
)  # fmt: skip
"""What every page leads to."""


@dataclass(frozen=True)
class Page:
    """One page of one language, before it is HTML."""

    path: str
    """From the folder of the language."""
    template: str
    context: dict[str, Any]
    trail: Sequence[tuple[str, str]] = ()
    """What leads to it, from the page of the network on: path and name."""


class Renderer:
    """Makes pages of one language: French in the folder itself, English in `en/`."""

    def __init__(self, language: str, release: Release) -> None:
        words = Words(language, release.labels)
        self.make = Maker(release, words, release.last("annee", YEARS))
        self.folder = "" if language == "fr" else f"{language}/"
        self.environment = jinja2.Environment(
            loader=jinja2.PackageLoader("flows.site"),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=jinja2.StrictUndefined,
        )
        self.environment.globals.update(
            _=words.say, words=words, colon=words.colon, about=release.about, near=near,
            menu=[(path, words.say(name)) for path, name in MENU],
        )  # fmt: skip

    def html(self, page: Page) -> str:
        depth = page.path.count("/")
        root = "../" * depth
        up = "../" * (depth + self.folder.count("/"))
        other = "en" if self.make.words.language == "fr" else "fr"
        text = self.environment.get_template(f"{page.template}.html").render(
            page.context, path=page.path, kind=page.template, root=root, up=up,
            trail=page.trail, cells=Cells(self.make.words), other_language=other,
            other=up + ("en/" if other == "en" else "") + page.path,
        )  # fmt: skip
        return text + "\n"


def style() -> str:
    """The style sheet of all pages, with the shape of each sign."""
    loader = jinja2.PackageLoader("flows.site")
    source, _file, _fresh = loader.get_source(jinja2.Environment(autoescape=True), "style.css")
    return source + sheet()
