"""A backup is one archive that is right; what comes back is what was there, or nothing."""

from __future__ import annotations

import io
import json
import os
import shutil
import tarfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from flows.cli import main
from flows.intake.landing import landed
from flows.operation.backup import MANIFEST, back_up
from flows.publication.preview import write_preview
from flows.publication.query import query_release
from flows.publication.release import (
    current_id,
    make_current,
    release_file,
    releases,
    write_release,
)
from flows.settings import Settings
from flows.stages.build import build_warehouse
from flows.warehouse.queries import status_rows
from flows.warehouse.tables import WAREHOUSE_VERSION
from tests.conftest import AS_OF

Rewrite = Callable[[dict[str, bytes]], None]


@pytest.fixture(scope="module")
def made(tmp_path_factory, make_place, collect) -> tuple[Settings, Path]:
    """A home with a register and two releases, of which the older is current; and its backup."""
    folder = tmp_path_factory.mktemp("made")
    settings = Settings(home=folder / "home", places=folder, keys=folder / "keys")
    place = make_place(folder, {"export.csv": "N°;Arrivée\n1;03/02/2025 12:00\n2;hier\n"})
    collect(place, settings)
    built = build_warehouse([place], settings, AS_OF, force=False)
    current = write_release(settings, built.release_id)
    write_release(settings, "2026-11-03-later")
    make_current(settings, current)
    write_preview(settings)
    (settings.landing / "le-lieu" / "manifest.json.part").write_text("{")
    back_up(settings, folder / "backup.tar")
    return settings, folder / "backup.tar"


@pytest.fixture
def settings(made, monkeypatch) -> Settings:
    """The home that was backed up, and in which the command works."""
    use(made[0], monkeypatch)
    return made[0]


@pytest.fixture
def archive(made, tmp_path, settings) -> Path:
    """Its backup, in a folder of its own."""
    return Path(shutil.copy(made[1], tmp_path / "backup.tar"))


def use(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMPACT_HOME", str(settings.home))
    monkeypatch.setenv("IMPACT_KEYS", str(settings.keys))


@pytest.fixture
def new_home(tmp_path, monkeypatch, archive) -> Settings:
    """Another machine: nothing is there."""
    new = Settings(home=tmp_path / "new", places=tmp_path / "places", keys=tmp_path / "new.keys")
    use(new, monkeypatch)
    return new


def members(file: Path) -> dict[str, bytes]:
    with tarfile.open(file) as archive:
        return {m.name: archive.extractfile(m).read() for m in archive}  # type: ignore[union-attr]


def rewrite(file: Path, changed: dict[str, bytes]) -> None:
    with tarfile.open(file, "w") as archive:
        for name, content in changed.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))


def with_manifest(archive: dict[str, bytes], **fields: object) -> None:
    archive[MANIFEST] = json.dumps({**json.loads(archive[MANIFEST]), **fields}).encode()


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(f.relative_to(folder)): f.read_bytes() for f in folder.rglob("*") if f.is_file()}


def test_what_comes_back_is_what_was_there(archive, settings, new_home, make_place) -> None:
    assert main(["restore", str(archive)]) == 0
    assert status_rows(new_home).equals(status_rows(settings))
    assert current_id(new_home) == current_id(settings) != "2026-11-03-later"
    assert query_release(new_home, "FROM valeurs").equals(query_release(settings, "FROM valeurs"))
    place = make_place(archive.parent, {})
    [batch] = landed(new_home.landing, place, place.sources[0])
    assert batch.payload.read_bytes() == (settings.places / "export.csv").read_bytes()
    for release in releases(settings):
        there = new_home.published / release.relative_to(settings.published)
        assert there.stat().st_mtime == release.stat().st_mtime
    assert main(["status"]) == 0


def test_a_release_from_before_releases_had_folders_is_still_the_one_that_readers_see(
    settings,
) -> None:
    """A home, or a backup of one, may hold such releases for ten nights more."""
    now = settings.current_release.resolve()
    was = settings.published / f"release-{current_id(settings)}.duckdb"
    now.rename(was)
    settings.current_release.unlink()
    settings.current_release.symlink_to(was.name)
    assert current_id(settings) == was.stem.removeprefix("release-")
    assert was in releases(settings)
    write_release(settings, "later")
    make_current(settings, release_file(settings, "later"))
    assert current_id(settings) == "later"
    assert was in releases(settings)


def test_what_comes_back_is_private_except_the_releases(archive, new_home) -> None:
    assert main(["restore", str(archive)]) == 0
    private = [new_home.warehouse, new_home.preview, new_home.landing]
    private += new_home.landing.rglob("*")
    assert {path.stat().st_mode & 0o077 for path in private} == {0}
    assert new_home.current_release.stat().st_mode & 0o777 == 0o644


def test_the_archive_is_private_and_has_neither_keys_nor_unfinished_files(
    archive, settings
) -> None:
    assert archive.stat().st_mode & 0o777 == 0o600
    parts = members(archive)
    listed = json.loads(parts[MANIFEST])
    assert {part["path"] for part in listed["parts"]} == set(parts) - {MANIFEST}
    assert listed["schema_version"] == WAREHOUSE_VERSION
    assert not [name for name in parts if name.endswith(".part")]
    key = (settings.keys / "le-lieu.key").read_bytes().strip()
    assert key not in archive.read_bytes()
    assert list(settings.home.parent.glob("*.part*")) == []


def test_the_user_is_told_where_the_keys_are(archive, settings) -> None:
    from flows.cli import impact

    told = CliRunner().invoke(impact, ["backup", str(archive.with_name("second.tar"))]).stdout
    assert f"The keys are not in it: back up {settings.keys}" in told


def test_a_backup_covers_no_other_file(archive, capsys) -> None:
    before = archive.read_bytes()
    assert main(["backup", str(archive)]) == 2
    assert "the file exists already" in capsys.readouterr().err
    assert archive.read_bytes() == before


def test_a_home_in_use_is_not_covered(archive, settings, capsys) -> None:
    before = snapshot(settings.home)
    assert main(["restore", str(archive)]) == 2
    assert "move the home away" in capsys.readouterr().err
    assert snapshot(settings.home) == before


def test_what_a_killed_backup_left_a_day_ago_goes_and_nothing_else(made, tmp_path) -> None:
    begun, of_another = made[1].read_bytes()[:30_000], io.BytesIO()
    with tarfile.open(fileobj=of_another, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("photos"))
    long_ago = (datetime.now(UTC) - timedelta(days=2)).timestamp()
    for name, content, at in (
        ("impact-2026-11-01.tar.part", begun, long_ago),
        ("impact-2026-11-02.tar.part", begun, datetime.now(UTC).timestamp()),
        ("film.mkv.part", b"of another program", long_ago),
        ("photos.tar.part", of_another.getvalue(), long_ago),
    ):
        (tmp_path / name).write_bytes(content)
        os.utime(tmp_path / name, (at, at))
    back_up(made[0], tmp_path / "impact-2026-11-03.tar")
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "film.mkv.part", "impact-2026-11-02.tar.part", "impact-2026-11-03.tar", "photos.tar.part",
    ]  # fmt: skip


def test_archives_of_this_network_that_are_older_than_it_says_go_when_the_new_one_is_right(
    archive, settings, capsys
) -> None:
    now = datetime.now(UTC)
    for name, days, fields in (
        ("ours-31.tar", 31, {}), ("ours-29.tar", 29, {}), ("nameless-31.tar", 31, {"network": ""}),
        ("theirs-31.tar", 31, {"network": "another"}),
    ):  # fmt: skip
        made_at = (now - timedelta(days=days)).isoformat()
        with_manifest(whole := members(archive), made_at=made_at, **fields)
        rewrite(archive.with_name(name), whole)
    archive.with_name("photos.tar").write_bytes(b"of another program")
    assert main(["backup", str(archive)]) == 2  # it exists already: nothing goes
    assert archive.with_name("ours-31.tar").exists()
    capsys.readouterr()
    assert main(["backup", str(archive.with_name("new.tar"))]) == 0
    assert "1 archives beside it, 30 days old and more" in capsys.readouterr().out
    assert sorted(file.name for file in archive.parent.glob("*.tar")) == [
        "backup.tar", "nameless-31.tar", "new.tar", "ours-29.tar", "photos.tar", "theirs-31.tar",
    ]  # fmt: skip


def drop_warehouse(parts: dict[str, bytes]) -> None:
    del parts["warehouse.duckdb"]


def change_warehouse(parts: dict[str, bytes]) -> None:
    parts["warehouse.duckdb"] = parts["warehouse.duckdb"][:-1] + b"?"


def add_a_stranger(parts: dict[str, bytes]) -> None:
    parts["landing/stranger.csv"] = b""


def leave_the_home(parts: dict[str, bytes]) -> None:
    listed = json.loads(parts[MANIFEST])["parts"]
    listed[0]["path"] = "landing/../../outside"
    old = json.loads(parts[MANIFEST])["parts"][0]["path"]
    parts["landing/../../outside"] = parts.pop(old)
    with_manifest(parts, parts=listed)


def be_newer(parts: dict[str, bytes]) -> None:
    with_manifest(parts, schema_version=WAREHOUSE_VERSION + 1)


def name_another_release(parts: dict[str, bytes]) -> None:
    with_manifest(parts, current_release="../../outside")


def have_no_manifest(parts: dict[str, bytes]) -> None:
    del parts[MANIFEST]


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (drop_warehouse, "warehouse.duckdb: this part is missing"),
        (change_warehouse, "warehouse.duckdb: this part has changed"),
        (add_a_stranger, "landing/stranger.csv: this path has no place"),
        (leave_the_home, "outside: this path has no place"),
        (be_newer, "install the newer version"),
        (name_another_release, "the current release is missing"),
        (have_no_manifest, "does not begin with a manifest"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_an_archive_that_is_not_right_changes_nothing(
    archive, new_home, tmp_path, capsys, spoil: Rewrite, words: str
) -> None:
    parts = members(archive)
    spoil(parts)
    rewrite(archive, parts)
    before = snapshot(tmp_path)
    assert main(["restore", str(archive)]) == 2
    assert words in capsys.readouterr().err
    assert snapshot(tmp_path) == before
    assert not new_home.home.exists()


@pytest.mark.parametrize("kept_share", [0, 0.5])
def test_an_archive_that_ends_too_early_changes_nothing(
    archive, new_home, capsys, kept_share
) -> None:
    os.truncate(archive, int(archive.stat().st_size * kept_share))
    assert main(["restore", str(archive)]) == 2
    assert str(archive) in capsys.readouterr().err
    assert not new_home.home.exists()
