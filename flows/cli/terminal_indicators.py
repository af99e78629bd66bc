"""What a user sees of the indicators: all with their latest figure, or everything about one."""

import polars as pl
from rich.table import Table

from flows.cli.terminal import console, figure
from flows.language import LANGUAGE, _
from flows.settings import Settings
from flows.warehouse.models import IndicatorHeader, Model
from flows.warehouse.queries import ask

LATEST = """
SELECT v.indicator_id, replace(v.period_id, 'convention:', '') AS period_id, v.value
FROM indicator.value AS v
WHERE v.scope_type = 'network' AND v.breakdown = 'all' AND v.is_ended AND v.value IS NOT NULL
QUALIFY row_number() OVER (
    PARTITION BY v.indicator_id ORDER BY v.ends_before DESC, v.starts_on DESC, v.period_id
) = 1
"""
"""The last ended period with a value; of several that end together the shortest."""


def latest_figures(settings: Settings) -> pl.DataFrame:
    """The last exact figure of the network, for the operator: none before there is a release."""
    if not settings.current_release.exists():
        return pl.DataFrame(schema=["indicator_id", "period_id", "value"])
    return ask(settings, LATEST)


def show_catalogue(indicators: dict[str, Model], latest: pl.DataFrame) -> None:
    """One line an indicator; a dash where the network has no figure."""
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
