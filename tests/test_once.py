"""What was published stands: after late data, a cut, a lost ledger and another policy."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flows.errors import ImpactError
from flows.publication.release import current_id, make_current, write_compared
from flows.stages.build import build_warehouse
from flows.stages.publish import publish_release
from flows.warehouse.database import open_warehouse
from tests.conftest import AS_OF
from tests.test_moved import History, ask, copied_sql

PUBLISHED = "SELECT * FROM valeurs WHERE publiee_le IS NOT NULL ORDER BY ALL"
OUTCOMES = "SELECT outcome FROM ledger.build ORDER BY built_at"


def test_what_was_published_stands_and_the_ledger_says_so_once_readers_see_it(
    tmp_path, settings, make_place, read
) -> None:
    settings = replace(settings, sql=copied_sql(tmp_path / "network" / "sql"))
    history = History(settings, tmp_path, make_place)
    history.night("2026-10-16", d2026_08_03=15)
    first = ask(settings.current_release, PUBLISHED)
    assert first, "August is over for 45 days"
    history.night("2026-10-17", d2026_08_03=60)
    assert ask(settings.current_release, PUBLISHED) == first

    place = make_place(
        tmp_path, history.files, place={"opened_on": "2026-08-01"}, coverage="months"
    )
    built = build_warehouse([place], settings, AS_OF, force=True)
    make_current(settings, write_compared(settings, built.release_id)[0])  # and the power goes
    assert [*read(settings, OUTCOMES)][-1] == ("built",)
    publish_release(settings, built.release_id)
    assert [*read(settings, OUTCOMES)][-1] == ("published",)

    before = current_id(settings)
    with open_warehouse(settings) as warehouse:
        warehouse.execute("CREATE TABLE kept AS FROM ledger.published_value")
        warehouse.execute("DELETE FROM ledger.published_value WHERE periode = '2026-08'")
    with pytest.raises(ImpactError, match=r"not in the ledger .* visits, le-lieu, 2026-08"):
        publish_release(settings, built.release_id)
    assert current_id(settings) == before
    with open_warehouse(settings) as warehouse:
        warehouse.execute("DELETE FROM ledger.published_value")
        warehouse.execute("INSERT INTO ledger.published_value FROM kept")

    policy = settings.sql / "secret-1.0.toml"
    policy.write_text(policy.read_text("utf-8").replace("count = 5", "count = 10"), "utf-8")
    build_warehouse([place], settings, AS_OF, force=True)
    with pytest.raises(ImpactError, match=r"the policy changed under \d+ published values"):
        publish_release(settings, built.release_id)
