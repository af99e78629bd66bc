"""Every worked example in the header of every indicator is true."""

import pytest

from flows.settings import PROJECT, Settings
from flows.warehouse.examples import differences
from flows.warehouse.models import read_indicators

SETTINGS = Settings(home=PROJECT, places=PROJECT, keys=PROJECT)
INDICATORS = read_indicators(SETTINGS.sql)
EXAMPLES = [
    pytest.param(model, example, id=f"{name}: {example.name}")
    for name, model in INDICATORS.items()
    for example in model.header.examples
]


@pytest.mark.parametrize(("model", "example"), EXAMPLES)
def test_worked_example_is_true(model, example):
    assert differences(model, example, SETTINGS) == []
