"""One sign for each family of reasons: a word, a shape, and what it means.

A reader tells them apart without colour: the word stands beside the shape, which `style.css` draws.
"""

from typing import NamedTuple

from flows.language import N_


class Sign(NamedTuple):
    """What stands beside a figure, or in its place."""

    word: str
    """In a cell: as short as it can be."""
    meaning: str
    shape: str
    """What is drawn in a square of 12 by 12."""


RING = "<circle cx='6' cy='6' r='4.6' fill='none' {stroke}/>"
BOX = "<rect x='1.5' y='1.5' width='9' height='9' fill='none' {stroke}/>"
STROKE = "stroke='%23333' stroke-width='1.4'"


def drawn(*parts: str) -> str:
    return "".join(parts).replace("{stroke}", STROKE)


SIGNS = {
    "low": Sign(
        N_("small"),
        N_("So few that the number is rounded to nothing: it lies between the two that are shown."),
        drawn("<path d='M1 3v7h10V3' fill='none' {stroke}/><path d='M3 10V8h6v2z' fill='%23333'/>"),
    ),
    "band": Sign(
        N_("band"),
        N_("The number lies between the two that are shown: jobs of a place are given in bands."),
        drawn("<path d='M1 2v8M11 2v8M1 6h10' fill='none' {stroke}/>"),
    ),
    "provisional": Sign(
        N_("provisional"),
        N_("The period ended a short time ago: late records may still move the figure."),
        drawn(RING.replace("/>", " stroke-dasharray='2 1.6'/>")),
    ),
    "care": Sign(
        N_("with care"),
        N_("To be read with care: the sentence says why."),
        drawn("<path d='M6 1 11.3 10.8H.7z' fill='none' {stroke}/><path d='M6 4.5v3' {stroke}/>"),
    ),
    "twice": Sign(
        N_("by tool"),
        N_("Some people are known in one tool only: they may count twice."),
        drawn("<circle cx='4.3' cy='6' r='3.4' fill='none' {stroke}/>"
              "<circle cx='7.7' cy='6' r='3.4' fill='none' {stroke}/>"),
    ),
    "some_places": Sign(
        N_("some places"),
        N_("Not all places of the territory are in it: the others have no figure for the period."),
        drawn("<path d='M1 11V6h4v5M7 11V2h4v9' fill='none' {stroke}/>"),
    ),
    "revised": Sign(
        N_("revised"),
        N_("An earlier release had another figure: the page of changes says which, and why."),
        drawn("<path d='M10.5 6A4.5 4.5 0 1 1 8.5 2.2' fill='none' {stroke}/>"
              "<path d='M7 0h4v4z' fill='%23333'/>"),
    ),
    "due": Sign(
        N_("to come"),
        N_("It is not published yet: the calendar says when its figures come."),
        drawn(RING, "<path d='M6 3v3.2L8 7.6' fill='none' {stroke}/>"),
    ),
    "partial": Sign(
        N_("incomplete"),
        N_("Days that were expected did not arrive, or too many rows were refused."),
        drawn(RING, "<path d='M6 1.4a4.6 4.6 0 0 1 0 9.2z' fill='%23333'/>"),
    ),
    "missing": Sign(
        N_("absent"),
        N_("Nothing arrived for the period."),
        drawn(BOX.replace("/>", " stroke-dasharray='2 1.6'/>")),
    ),
    "too_early": Sign(
        N_("too early"),
        N_("The records do not go back, or do not reach on, as far as this figure needs."),
        drawn("<path d='M2 1h8L2 11h8z' fill='none' {stroke}/>"),
    ),
    "not_open": Sign(
        N_("not open"),
        N_("The place was not open yet."),
        drawn("<path d='M1.5 11V5L6 1.5 10.5 5v6z' fill='none' {stroke}/>"),
    ),
    "closed": Sign(
        N_("closed"),
        N_("The place was closed: for good, or on all of these days."),
        drawn("<path d='M1.5 11V5L6 1.5 10.5 5v6z' fill='%23333' {stroke}/>"),
    ),
    "not_applicable": Sign(
        N_("not concerned"),
        N_("No place here offers this service, or sends these records."),
        drawn("<path d='M1.5 6h9' fill='none' {stroke}/>"),
    ),
    "not_due": Sign(
        N_("not late"),
        N_("It has not arrived, and by the rhythm of its source it is not late yet."),
        drawn("<path d='M1 6h7M6 3l3 3-3 3' fill='none' {stroke}/><path d='M11 1v10' {stroke}/>"),
    ),
    "not_used": Sign(
        N_("not used"),
        N_("The source was not used yet, or was not used any more."),
        drawn("<path d='M4 1.5H1.5v9H4M8 1.5h2.5v9H8' fill='none' {stroke}/>"),
    ),
    "refused": Sign(
        N_("refused"),
        N_("This share of the rows was refused, and waits for a correction."),
        drawn(BOX, "<path d='M4 4l4 4M8 4l-4 4' {stroke}/>"),
    ),
    "undefined": Sign(
        N_("undefined"),
        N_("There is no case, or too few, of which one knows what the figure asks."),
        drawn(BOX, "<path d='M2 10 10 2' {stroke}/>"),
    ),
    "few": Sign(
        N_("not shown"),
        N_("Too few cases or places contribute: it is not shown, so that nobody is recognised."),
        drawn(RING, "<path d='M2.8 9.2 9.2 2.8' {stroke}/>"),
    ),
    "withdrawn": Sign(
        N_("withdrawn"),
        N_("An earlier release showed a figure that does not hold any more."),
        drawn("<path d='M2 2l8 8M10 2l-8 8' fill='none' {stroke}/>"),
    ),
    "unknown": Sign(
        N_("no figure"),
        N_("The release gives a reason that these pages have no sign for: its sentence says it."),
        drawn(BOX, "<circle cx='6' cy='6' r='1.2' fill='%23333'/>"),
    ),
}  # fmt: skip
"""Family → its sign."""

MARKS = {
    "up": drawn("<path d='M6 11V2M2 6l4-4 4 4' fill='none' {stroke}/>"),
    "down": drawn("<path d='M6 1v9M2 6l4 4 4-4' fill='none' {stroke}/>"),
    "same": drawn("<path d='M1 4h10M1 8h10' fill='none' {stroke}/>"),
    "atteint": drawn("<path d='M1 6.5 4.5 10 11 2' fill='none' {stroke}/>"),
    "non_atteint": drawn("<path d='M2 2l8 8M10 2l-8 8' fill='none' {stroke}/>"),
    "en_cours": drawn(RING, "<path d='M6 3v3.2L8 7.6' fill='none' {stroke}/>"),
    "indecidable": drawn("<path d='M3.5 4a2.5 2.5 0 1 1 2.5 3v1M6 10v1.4' fill='none' {stroke}/>"),
    "non_disponible": drawn("<path d='M1.5 6h9' fill='none' {stroke}/>"),
    "yes": drawn("<path d='M1 6.5 4.5 10 11 2' fill='none' {stroke}/>"),
    "no": drawn("<path d='M6 1v6M6 9.4v1.8' fill='none' {stroke}/>"),
}  # fmt: skip
"""What stands beside a word of its own: a change, a target, a check."""

OF_STATUS = {
    "partial", "missing", "too_early", "not_open", "closed", "not_applicable",
}  # fmt: skip
"""Statuses that are the reason themselves."""
WITHDRAWN = "retiree"
DEFINED = ("ok", "identified_per_source", "some_places")


def instead(diffusion: str, status: str) -> str:
    """The family of what stands where there is no value."""
    if WITHDRAWN in (diffusion, status):
        return "withdrawn"
    if diffusion == "a_venir":
        return "due"
    if status in OF_STATUS:
        return status
    if diffusion == "non_diffuse":
        return "few"
    return "undefined" if status in DEFINED else "unknown"


def beside(
    diffusion: str, state: str, status: str, shown: str, reason: str | None, revision: int
) -> list[str]:
    """The families of what is said beside a value."""
    found = []
    if diffusion == "tranche":
        found.append("band")
    elif any(mark in shown for mark in "–≤≥"):
        found.append("low")
    if state == "provisoire":
        found.append("provisional")
    if diffusion != "tranche" and reason:
        found.append("care")
    if status == "identified_per_source":
        found.append("twice")
    if status == "some_places":
        found.append("some_places")
    if revision:
        found.append("revised")
    return found


def sheet() -> str:
    """The rules of the style sheet that draw the shapes."""
    shapes = {name: sign.shape for name, sign in SIGNS.items()} | MARKS
    return "".join(
        f".s-{name}::before{{content:url(\"data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/"
        f"svg' width='12' height='12'>{shape}</svg>\")}}\n"
        for name, shape in shapes.items()
    )
