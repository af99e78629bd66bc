"""The six indicators by the product's own runner: the models that they need, all territories."""

import sys
from pathlib import Path

from flows.warehouse import runner
from flows.warehouse.database import open_warehouse
from flows.warehouse.models import needed, read_core, read_indicators
from flows.warehouse.registry_tables import fill_registry
from flows.warehouse.workbench import workbench
from tests.bench.country import AS_OF, Country, declared
from tests.bench.measure import counted, cpu_seconds, tell
from tests.bench.peers import SIX

FOUND = """
    COPY (
        SELECT r.indicator_id AS indicator, r.scope_id AS place_id, p.period_type AS kind,
            p.starts_on, r.category, r.numerator, r.denominator
        FROM indicator.result AS r INNER JOIN core.period AS p USING (period_id)
        INNER JOIN registry.place AS l ON l.place_id = r.scope_id
        WHERE r.breakdown IN ('all', 'gender') AND p.period_type <> 'convention'
    ) TO '{file}'
"""


def main(folder: str) -> None:
    imports, costs = cpu_seconds(), dict[str, float]()
    country = Country(Path(folder).parent, visits=0)
    settings, places = country.settings, declared(country)
    with open_warehouse(settings) as warehouse, workbench(warehouse, settings):
        with counted(costs, "cpu"):
            core, all_indicators = read_core(settings.sql), read_indicators(settings.sql)
            wanted = {name: all_indicators[name] for name in SIX}
            read = frozenset().union(*(needed(model, core) for model in wanted.values()))
            models = {name: model for name, model in core.items() if name in read}
            fill_registry(warehouse, places, core, all_indicators, settings, AS_OF)
            runner.run_core(warehouse, {"core.period": core["core.period"], **models})
            runner.run_indicators(warehouse, wanted)
        warehouse.execute(FOUND.format(file=Path(folder) / "ours.parquet"))
    tell(imports, costs)


if __name__ == "__main__":
    main(*sys.argv[1:])
