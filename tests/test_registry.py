"""A list of tiers-lieux becomes places, and every row that cannot be one is named."""

import pytest

from flows.errors import BatchRefused, ConfigurationError
from flows.network.place_files import read_places
from flows.onboarding.import_registry import Columns, import_places

COLUMNS = Columns("NOM", "INSEE", "ID")
LIST = """ID,NOM,INSEE
1162,La Machinerie,80021
7,"L'Atelier ""du"" Bois",1004
8,Le Kiosque,75110
9,Sans commune,0
10,,02676
11,Lieu disparu,99999
1162,La Machinerie,80021
12,Trop court
"""


@pytest.fixture
def listed(tmp_path):
    file = tmp_path / "liste.csv"
    file.write_text(LIST, encoding="utf-8")
    return file


def test_every_row_is_a_place_or_a_refusal_with_its_row_and_reason(listed, tmp_path):
    report = import_places(listed, tmp_path / "places", COLUMNS)
    assert report.rows == 8 == len(report.written) + len(report.refused)
    assert [row.row_number for row in report.refused] == [5, 6, 7, 8, 9]
    reasons = [row.reason for row in report.refused]
    assert "'0'" in reasons[0]
    assert "NOM is empty" in reasons[1]
    assert "'99999'" in reasons[2]
    assert "stands twice" in reasons[3]
    assert "as many columns as the header" in reasons[4]


def test_what_is_written_is_a_registry_that_can_be_read(listed, tmp_path):
    import_places(listed, tmp_path / "places", COLUMNS)
    places = read_places(tmp_path / "places")
    assert {p.name: p.commune_code for p in places.values()} == {
        "La Machinerie": "80021",
        'L\'Atelier "du" Bois': "01004",
        "Le Kiosque": "75110",
    }
    assert all(place.opened_on is None for place in places.values())


def test_nothing_is_overwritten(listed, tmp_path):
    import_places(listed, tmp_path / "places", COLUMNS)
    with pytest.raises(ConfigurationError, match="already there"):
        import_places(listed, tmp_path / "places", COLUMNS)


def test_a_column_that_is_not_there_is_named(listed, tmp_path):
    with pytest.raises(BatchRefused, match="'NOM_TL'"):
        import_places(listed, tmp_path / "places", Columns("NOM_TL", "INSEE", "ID"))
    assert not (tmp_path / "places").exists()
