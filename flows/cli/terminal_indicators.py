"""What a user sees of the indicators: all with their latest figure, or everything about one."""

import polars as pl
from rich.table import Table

from flows.cli.terminal import console, figure
from flows.language import LANGUAGE, _
from flows.publication.query import query_release
from flows.settings import Settings
from flows.warehouse.models import IndicatorHeader, Model

LATEST = """
SELECT v.indicateur_id, v.periode, v.valeur
FROM valeurs AS v
WHERE v.niveau = 'reseau' AND v.ventilation = 'ensemble' AND v.valeur IS NOT NULL
QUALIFY row_number() OVER (
    PARTITION BY v.indicateur_id ORDER BY v.fin DESC, v.debut DESC, v.periode
) = 1
"""
"""The last ended period with a value; of several that end together the shortest."""


def latest_figures(settings: Settings) -> pl.DataFrame:
    """What the current release says last of the network: no row before there is a release."""
    if not settings.current_release.exists():
        return pl.DataFrame(schema=["indicateur_id", "periode", "valeur"])
    return query_release(settings, LATEST)


def show_catalogue(indicators: dict[str, Model], latest: pl.DataFrame) -> None:
    """One line an indicator; a dash where the network has no published figure."""
    values = {row[0]: (row[1], row[2]) for row in latest.iter_rows()}
    table = Table()
    for name in (_("indicator"), _("label"), _("area"), _("unit")):
        table.add_column(name)
    table.add_column(_("network"), justify="right")
    for name in (_("period"), _("headline")):
        table.add_column(name)
    for id, model in indicators.items():
        header = model.header
        assert isinstance(header, IndicatorHeader)
        period, value = values.get(id, ("", None))
        shown = figure({"value": value, "status": "ok", "unit": header.unit})
        table.add_row(
            id, getattr(header.label, LANGUAGE), header.area, header.unit,
            "–" if value is None else shown, period, "★" if header.headline else "",
        )  # fmt: skip
    console().print(table)


def show_indicator(model: Model) -> None:
    """Everything about one indicator, to be read."""
    header = model.header
    assert isinstance(header, IndicatorHeader)
    screen = console()
    screen.print(f"[bold]{model.id}[/bold], version {header.version}")
    for language in ("fr", "en"):
        screen.print(f"\n[bold]{getattr(header.label, language)}[/bold] ({header.unit})")
        screen.print(getattr(header.definition, language))
        screen.print(getattr(header.formula, language))
        for caveat in getattr(header.caveats, language):
            screen.print(f"  – {caveat}")
    screen.print("\n" + _("Source: {text}").format(text=header.source))
    for example in header.examples:
        title = _("Example: {name}").format(name=example.name)
        screen.print(f"\n[bold]{title}[/bold]")
        for table, text in example.given.items():
            given = _("given {table}").format(table=table)
            screen.print(f"{given}\n{text.strip()}", markup=False)
        screen.print(_("then") + f"\n{example.expect.strip()}", markup=False)
    screen.print(f"\n[bold]SQL[/bold] ({model.file.name})")
    screen.print(model.select, markup=False)
