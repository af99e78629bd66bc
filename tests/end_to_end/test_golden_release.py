"""The figures of the samples move only when somebody says so."""

from pathlib import Path

from tests.golden import FILE, figures_of, moved, read_golden, write_golden

HOW = (
    "If this is meant: raise `version` of the indicator, write a line in CHANGELOG.md under "
    "“Figures that move”, then `make golden` and commit tests/data/golden-release.csv.gz."
)


def test_the_figures_of_the_samples_are_those_of_the_golden_release(published) -> None:
    changes = moved(read_golden(FILE), figures_of(published.settings.current_release))
    assert not changes, f"\n{changes}\n{HOW}"


def test_the_golden_release_stays_small() -> None:
    assert FILE.stat().st_size < 1_000_000


def test_a_figure_that_moves_appears_or_goes_is_shown_by_indicator_place_and_period(
    published, tmp_path: Path
) -> None:
    figures = figures_of(published.settings.current_release)
    write_golden(figures, tmp_path / "golden.csv.gz")
    before = read_golden(tmp_path / "golden.csv.gz")
    assert moved(before, figures) == ""
    total = ("ensemble", "ensemble")
    key = ("visits", "lieu", "la-machinerie", "2026-07", *total)
    new = ("new_one", "reseau", "reseau", "2026", *total)
    after = {**figures, key: ("952.0", "exact", "ok"), new: ("", "non_disponible", "partial")}
    del after["visits", "lieu", "la-machinerie", "2026-08", *total]
    assert moved(before, after).splitlines() == [
        "new_one: 1 figures moved",
        "    reseau 2026 ensemble ensemble: no row → non_disponible partial",
        "visits: 2 figures moved",
        f"    la-machinerie 2026-07 ensemble ensemble: {' '.join(before[key])} → 952.0 exact ok",
        f"    la-machinerie 2026-08 ensemble ensemble: {' '.join(before[*key[:3], '2026-08', *total])} → no row",
    ]
