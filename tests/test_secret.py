"""How a figure is drawn, and by which secret."""

import hashlib
import secrets
from statistics import mean

import duckdb
import pytest

from flows.errors import ConfigurationError
from flows.publication.secret import PUBLIC, fingerprint, let_draw, secret_for

MISSING, OTHER = "is missing", "not the secret by which"


@pytest.fixture(scope="module")
def drawn():
    """Number and key → what is published of it, under each of 1,000 secrets."""
    numbers = [(number, 1000 + number) for number in (0, 1, 2, 4, 5, 7, 12, 38)]
    found: dict[int, list[float]] = {number: [] for number, _key in numbers}
    with duckdb.connect() as sql:
        sql.execute("CREATE TABLE cell (number DOUBLE, key HUGEINT)")
        sql.execute(f"INSERT INTO cell VALUES {', '.join(map(str, numbers))}")
        for seed in range(1000):
            let_draw(sql, hashlib.sha256(str(seed).encode()).hexdigest())
            for number, value in sql.execute(
                "SELECT number, rounded(number, 5, draw(key)) FROM cell"
            ).fetchall():
                found[int(number)].append(value)
    return found


def test_the_mean_over_a_thousand_secrets_is_the_number(drawn):
    for number, values in drawn.items():
        assert mean(values) == pytest.approx(number, abs=0.33)  # four standard errors


def test_it_is_one_of_the_two_multiples_around_the_number_and_a_multiple_is_itself(drawn):
    for number, values in drawn.items():
        around = {number} if number % 5 == 0 else {number - number % 5, number - number % 5 + 5}
        assert {*values} == around


def test_a_draw_is_that_of_the_hash_of_key_and_secret():
    """From the definition: 52 bits of SHA-256 as a part of one."""
    secret = secrets.token_hex(32)
    with duckdb.connect() as sql:
        let_draw(sql, secret)
        [(found,)] = sql.execute("SELECT draw(12345678901234567890123::HUGEINT)").fetchall()
    digest = hashlib.sha256(f"{secret}:12345678901234567890123:{secret}".encode()).hexdigest()
    assert found == int(digest[:13], 16) / 2**52


def test_equal_sets_are_drawn_alike_and_others_apart():
    with duckdb.connect() as sql:
        let_draw(sql, PUBLIC)
        [(same,)] = sql.execute("SELECT draw(17) = draw(17)").fetchall()
        [(others,)] = sql.execute("SELECT count(DISTINCT draw(k)) FROM range(1000) t(k)").fetchall()
    assert (same, others) == (True, 1000)


def test_invented_places_have_the_secret_that_all_know(settings):
    assert secret_for(settings, True, []) == PUBLIC
    assert not settings.secret_file.exists()


def test_real_places_make_theirs_at_the_first_need_and_keep_it(settings):
    secret = secret_for(settings, False, [fingerprint(PUBLIC)])
    assert secret != PUBLIC
    assert settings.secret_file.stat().st_mode & 0o777 == 0o600
    assert secret_for(settings, False, [fingerprint(PUBLIC), fingerprint(secret)]) == secret


@pytest.mark.parametrize(
    ("content", "said"), [(None, MISSING), ("00" * 32, OTHER), ("zz", "is damaged")],
    ids=["missing", "other", "damaged"],
)  # fmt: skip
def test_a_secret_that_is_missing_other_or_damaged_is_refused(settings, content, said):
    released = [fingerprint(secret_for(settings, False, []))]
    settings.secret_file.unlink()
    if content is not None:
        settings.secret_file.write_text(content)
    with pytest.raises(ConfigurationError, match=said) as refused:
        secret_for(settings, False, released)
    assert str(settings.secret_file) in str(refused.value)
    assert settings.secret_file.exists() == (content is not None)
