"""A page as HTML: templates that escape all that they are given, in one language."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
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
    ("changements.html", N_("Changes")),
    ("qualite.html", N_("Quality")),
    ("donnees.html", N_("Data")),
    ("methode.html", N_("Method")),
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


@cache
def templates() -> jinja2.Environment:
    """All that is put into a page is escaped; a name that a page does not give is a fault."""
    return jinja2.Environment(
        loader=jinja2.PackageLoader("flows.site"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )


class Renderer:
    """Makes pages of one language: French in the folder itself, English in `en/`."""

    def __init__(self, language: str, release: Release) -> None:
        words = Words(language, release.labels)
        self.make = Maker(release, words, release.last("annee", YEARS))
        self.folder = "" if language == "fr" else f"{language}/"
        self.shared = {
            "_": words.say, "words": words, "colon": words.colon, "about": release.about,
            "near": near, "menu": [(path, words.say(name)) for path, name in MENU],
            "other_language": "en" if language == "fr" else "fr",
        }  # fmt: skip

    def html(self, page: Page) -> str:
        root = "../" * page.path.count("/")
        up = root + "../" * self.folder.count("/")
        other = "" if self.folder else "en/"
        text = templates().get_template(f"{page.template}.html").render(
            self.shared, **page.context, path=page.path, kind=page.template, root=root, up=up,
            trail=page.trail, cells=Cells(self.make.words), other=up + other + page.path,
        )  # fmt: skip
        return text + "\n"


def style() -> str:
    """The style sheet of all pages, with the shape of each sign."""
    return templates().get_template("style.css").render() + "\n" + sheet()
