"""The policy: each indicator is in it, and a network may not be laxer without saying who decided."""

from collections import Counter

import pytest

from flows.errors import ConfigurationError
from flows.settings import PROJECT, Settings
from flows.warehouse.models import IndicatorHeader, read_indicators
from flows.warehouse.policy import published_cells, read_policy

HEADERS = {
    id: model.header
    for id, model in read_indicators(PROJECT / "sql").items()
    if isinstance(model.header, IndicatorHeader)
}
DECIDED = '[decision]\nby = "Conseil du réseau"\non = 2026-11-30\nreason = "Essai"\n'
MONTHLY_JOBS = '[indicators]\ndirect_jobs_eop = { protection = "band", place = "month" }\n'


@pytest.fixture
def own(tmp_path):
    """Read the policy of a network whose own file says this."""

    def read(text: str):
        (tmp_path / "secret.toml").write_text(text, encoding="utf-8")
        return read_policy(Settings(tmp_path, tmp_path / "places", tmp_path), HEADERS)

    return read


def test_every_indicator_has_its_levels_and_periods():
    policy = read_policy(Settings(PROJECT, PROJECT / "sql", PROJECT), HEADERS)
    assert policy.indicators.keys() == HEADERS.keys()
    published = Counter(cells.indicator_id for cells in published_cells(policy, HEADERS))
    assert published.keys() == HEADERS.keys()


def test_the_closed_list_is_what_was_decided():
    """Written down from the decision, not from the file."""
    policy = read_policy(Settings(PROJECT, PROJECT / "sql", PROJECT), HEADERS)
    for cells in published_cells(policy, HEADERS):
        is_of_jobs = HEADERS[cells.indicator_id].unit in ("jobs", "organisations", "fte")
        is_characteristic = cells.breakdown != "all"
        assert cells.scope_type != "epci"
        if is_of_jobs:
            assert cells.period_type in ("year", "convention")
            assert cells.scope_type != "place" or not is_characteristic
        if is_characteristic:
            periods = ("year",) if cells.scope_type == "place" else ("quarter", "year")
            assert cells.period_type in periods
    of_the_network = {
        "women_job_share", "stable_contract_share", "local_job_share", "dynamic_exit_rate",
        "service_civique_volunteers", "campus_success_rate", "campus_attendance_rate",
    }  # fmt: skip
    above_a_place = {
        "creation_rate_12m",
        "newcomer_return_90d",
        "no_tie_share",
        "autonomy_gain_rate",
    }
    levels: dict[str, set[str]] = {}
    for cells in published_cells(policy, HEADERS):
        levels.setdefault(cells.indicator_id, set()).add(cells.scope_type)
    assert {id for id, found in levels.items() if found == {"network"}} == of_the_network
    assert {id for id, found in levels.items() if "place" not in found} == (
        of_the_network | above_a_place
    )


def test_a_network_may_be_stricter(own):
    policy = own("[rules]\ncount = 10\n[indicators]\nvisits = { protection = 'count' }\n")
    assert policy.rules.count == 10
    assert not [c for c in published_cells(policy, HEADERS) if c.indicator_id == "visits"]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("[rules]\ncount = 3\n", "rules.count"),
        ("[rules]\nterritory_places = 2\n", "rules.territory_places"),
        ("[rules]\ncoarse_rate = { points = 10, cases = 20 }\n", "rules.coarse_rate.cases"),
        (MONTHLY_JOBS, "indicators.direct_jobs_eop"),
        ('[indicators]\njobs_started = { protection = "count", place = "year" }\n',
         "indicators.jobs_started"),
    ],
    ids=["a finer step", "smaller territories", "shares of fewer", "a finer period", "no bands"],
)  # fmt: skip
def test_what_is_laxer_needs_a_name_a_day_and_a_reason(own, text, key):
    with pytest.raises(ConfigurationError, match="laxer") as refused:
        own(text)
    assert key in str(refused.value) and "secret.toml" in str(refused.value)
    assert "[decision]" in str(refused.value)
    assert own(DECIDED + text).decision.by == "Conseil du réseau"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[indicators]\nvisit = { protection = "count" }\n', "no such indicator"),
        ('[indicators]\nvisits = { protection = "count", by = ["gender"] }\n', "no such table"),
        ('[indicators]\nvisits = { protection = "count", place = "day" }\n', "place"),
        ('[indicators]\nvisits = { protection = "count", epci = "year" }\n', "epci"),
        ("[rules]\nbase = 3\n", "base"),
        ("[tables]\nx = 1\n", "no such part"),
        ('[decision]\nby = ""\non = 2026-11-30\nreason = "x"\n', "decision.by"),
    ],
    ids=["indicator", "characteristic", "period", "level", "rule", "part", "nobody"],
)
def test_a_table_outside_the_list_and_an_unknown_word_are_refused(own, text, said):
    with pytest.raises(ConfigurationError, match=said) as refused:
        own(DECIDED * (not text.startswith("[decision]")) + text)
    assert "secret.toml" in str(refused.value)
