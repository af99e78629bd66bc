"""Files brought to real servers: whole before and after, and what cannot be written is said."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from flows.connectors._bring import Target, bring, read_target
from flows.errors import ConfigurationError, ImpactError
from tests.connectors.test_remote_files import SERVERS, WORD, sftp

NAMES = ["publication.duckdb", "csv/lieux é #1.csv", "parquet/lieux.parquet", "SHA256SUMS"]


@pytest.fixture
def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the server shows, with a file of somebody else."""
    monkeypatch.setenv("CANARY", WORD)
    folder = tmp_path / "there"
    (folder / "impact").mkdir(parents=True)
    (folder / "impact" / "theirs.txt").write_text("theirs")
    return folder


def files(folder: Path, text: str) -> dict[str, Path]:
    """A release in miniature: each file holds its own name and the text."""
    found = {}
    for name in NAMES:
        found[name] = folder / text / name
        found[name].parent.mkdir(parents=True, exist_ok=True)
        found[name].write_text(f"{name} {text}")
    return found


def target(tmp_path: Path, url: str, options: str, below: str = "/impact") -> Target:
    file = tmp_path / "region.toml"
    address = url.rstrip("/") + below
    file.write_text(f'url = "{address}"\ntoken = {{ env = "CANARY" }}\noptions = {options}\n')
    return read_target(file)


def shown(kind: str, there: Path, options: str) -> dict[str, str]:
    """Everything that the server has in the folder."""
    if kind != "s3":
        root = there / "impact"
        return {
            f.relative_to(root).as_posix(): f.read_text() for f in root.rglob("*") if f.is_file()
        }
    from s3fs import S3FileSystem

    told = tomllib.loads(f"options = {options}")["options"]
    system: Any = S3FileSystem(
        key=told["user"], secret=os.environ["CANARY"], endpoint_url=told["endpoint"],
        skip_instance_cache=True,
    )  # fmt: skip
    return {
        name.removeprefix("lieu/impact/"): system.cat_file(name).decode()
        for name in system.find("lieu/impact")
    }


@pytest.mark.parametrize("kind", SERVERS)
def test_what_is_brought_takes_the_place_of_what_was_there(
    kind: str, there: Path, tmp_path: Path
) -> None:
    with SERVERS[kind](there) as (url, options):
        to = target(tmp_path, url, options)
        for text in ("former", "present"):
            bring(files(tmp_path, text), to, tmp_path)
        found = shown(kind, there, options)
    assert found == {name: f"{name} present" for name in NAMES} | {"theirs.txt": "theirs"}


class Plain(asyncssh.SFTPServer):
    """It renames to a name that is free, and no more: so do servers of the first version."""

    def posix_rename(self, _oldpath: bytes, _newpath: bytes) -> None:
        raise asyncssh.SFTPOpUnsupported("it knows no such request")


def test_a_server_that_renames_over_nothing_is_brought_it_too(there: Path, tmp_path: Path) -> None:
    with sftp(there, kind=Plain) as (url, options):
        to = target(tmp_path, url, options)
        for text in ("former", "present"):
            bring(files(tmp_path, text), to, tmp_path)
    found = shown("sftp", there, options)
    assert found == {name: f"{name} present" for name in NAMES} | {"theirs.txt": "theirs"}


@pytest.mark.parametrize("kind", ["webdav", "sftp"])
def test_a_fault_in_between_leaves_what_was_there(kind: str, there: Path, tmp_path: Path) -> None:
    with SERVERS[kind](there) as (url, options):
        to = target(tmp_path, url, options)
        bring(files(tmp_path, "former"), to, tmp_path)
        before = shown(kind, there, options)
        broken = {**files(tmp_path, "present"), "theirs.txt/below.csv": tmp_path / "region.toml"}
        with pytest.raises(ImpactError, match=r"region, 127\.0\.0\.1: .* → "):
            bring(broken, to, tmp_path)
        assert shown(kind, there, options) == before
        bring(files(tmp_path, "present"), to, tmp_path)


@pytest.mark.parametrize("kind", ["webdav", "sftp"])
def test_a_folder_that_is_not_there_and_a_wrong_password_are_said(
    kind: str, there: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with SERVERS[kind](there) as (url, options):
        with pytest.raises(ImpactError, match="the folder is not there"):
            bring({}, target(tmp_path, url, options, "/ailleurs"), tmp_path)
        monkeypatch.setenv("CANARY", "faux-secret-77")
        with pytest.raises(ImpactError, match="does not accept our user or our secret") as said:
            bring({}, target(tmp_path, url, options), tmp_path)
    assert "faux-secret-77" not in str(said.value)


def test_a_bucket_that_is_not_there_is_said(there: Path, tmp_path: Path) -> None:
    with (
        SERVERS["s3"](there) as (_url, options),
        pytest.raises(ImpactError, match="the folder is not there"),
    ):
        bring(files(tmp_path, "x"), target(tmp_path, "s3://ailleurs", options), tmp_path)


def test_a_wrong_secret_of_a_bucket_is_said(
    there: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with SERVERS["s3"](there) as (url, options):
        monkeypatch.setenv("CANARY", "faux-secret-77")
        with pytest.raises(ImpactError, match=r"region, lieu: .* → ") as said:
            bring(files(tmp_path, "x"), target(tmp_path, url, options), tmp_path)
    assert "faux-secret-77" not in str(said.value)
    assert "secret" in str(said.value)


def test_a_file_that_declares_it_wrongly_is_refused_in_its_own_words(tmp_path: Path) -> None:
    file = tmp_path / "region.toml"
    for text, said in {
        'url = "ftp://x"': "begin it with https://",
        'url = "sftp://me:word@x/"': "an address holds no secret",
        'url = "https://x"': "this source needs a secret",
        'adress = "https://x"': "unknown key",
    }.items():
        file.write_text(text)
        with pytest.raises(ImpactError, match=said):
            bring({}, read_target(file), tmp_path)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_target(tmp_path / "absent.toml")
