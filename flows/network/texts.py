"""What `impact init` writes beside the places: commented examples of what a network may declare."""

from pathlib import Path

from flows.language import N_, _

PORTFOLIOS = N_("""\
# Portfolios: places that are looked at together, such as those of one funder. Every indicator is
# then computed for them too, from the records: people are not summed. This file is optional.
# What is declared here is published. Take the first # of a line away to use the example.

#[[portfolios]]
#id = "region"
#name = "Places supported by the region"
#places = ["le-lieu", "l-autre-lieu"]
""")
GRANTS = N_("""\
# Grants: who pays what, to which place or portfolio, for which days. This file is optional.
# What is declared here is published. Take the first # of a line away to use the example.
#
# programme: a code such as fabriques_de_territoire, conseillers_numeriques, france_services,
# campus_connectes, manufactures_de_proximite; for any other, autre.
# amount_eur: for all the days together. first_day and last_day are both included.
# convention = true: the days of the grant are a period for which every indicator is computed. They
# must then be whole months.

#[[grants]]
#id = "fabrique-2024"
#place = "le-lieu"              # or: portfolio = "region"
#programme = "fabriques_de_territoire"
#funder = "ANCT"
#amount_eur = 150000
#first_day = 2024-09-01
#last_day = 2027-08-31
#convention = true
""")
TARGETS = N_("""\
# Targets: what an indicator is to reach. This file is optional. What is declared here is published:
# the table suivi_objectifs says where each target is. Take the first # of a line away to use the
# example.
#
# grant: the target takes its place or portfolio, and its days. Without one, give place, portfolio,
# or neither for the whole network, and first_day and last_day (whole months).
# indicator: `impact indicators` lists them. A share is written 0.75, not 75.
# counting: cumulative (over all the days), average (of the months), at_end (the last month).
# baseline: where you start from; it may be left out.

#[[targets]]
#id = "fabrique-passages"
#grant = "fabrique-2024"
#indicator = "visits"
#target = 25000
#baseline = 6000
#counting = "cumulative"

#[[targets]]
#id = "usagers-revenants-2026"
#indicator = "returning_share"
#target = 0.6
#first_day = 2026-01-01
#last_day = 2026-12-31
#counting = "average"
""")
REFERENCE = N_("""\
# Reference data of your own

The program knows communes, EPCIs and programmes. What no source with a licence gave, you may
supply here, in CSV (UTF-8, commas or semicolons). Each file is optional; columns such as
`valid_from` and `source` are for people. `impact run` refuses to start when one cannot be read.

- `frr.csv`: `commune_code`, `is_frr` (`true` or `false`). Whether a commune is in France ruralités
  revitalisation. One that is not listed is unknown, not outside: list the `false` ones too.
- `population_15_64.csv`: `commune_code`, `population_15_64`. People of 15 to 64 years.
- `commune_positions.csv`: `commune_code`, `latitude`, `longitude`. Where a commune is, before what
  the program knows.

For example, `frr.csv`:

    commune_code,is_frr,valid_from,source
    02676,true,2024-07-01,example
""")


def write_declarations(folder: Path) -> None:
    """The three files and the folder `reference`, in the user's language."""
    for name, text in (
        ("portfolios.toml", PORTFOLIOS),
        ("grants.toml", GRANTS),
        ("targets.toml", TARGETS),
        ("reference/README.md", REFERENCE),
    ):
        file = folder / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(_(text), encoding="utf-8")
