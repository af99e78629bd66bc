"""Files elsewhere, on real servers: WebDAV mounted as Nextcloud does, SFTP with a pinned key, S3."""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from cheroot import wsgi
from moto.server import ThreadedMotoServer
from wsgidav.wsgidav_app import WsgiDAVApp

from flows.connectors import _remote
from flows.network.place_files import read_place
from flows.settings import Settings
from tests.connectors.conftest import PLACE
from tests.connectors.worlds import TOKEN
from tests.fakes.server import serving

HEADER = "N°;Arrivée\n"
TOML = """
id = "registre"
feed = "attendance"
connector = "file"
url = "{url}"
token = {{ env = "CANARY" }}
path = "{path}"
rhythm = "daily"
coverage = "span"
options = {options}
[sources.columns]
record_id = "N°"
checked_in_at = "Arrivée"
"""


@contextlib.contextmanager
def webdav(folder: Path) -> Iterator[tuple[str, str]]:
    app = WsgiDAVApp({
        "provider_mapping": {"/remote.php/dav/files/lieu": str(folder)},
        "simple_dc": {"user_mapping": {"*": {"lieu": {"password": TOKEN}}}},
        "logging": {"enable": False}, "verbose": 0,
    })  # fmt: skip
    server = wsgi.Server(("127.0.0.1", 0), app)
    server.prepare()
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield (
            f"http://127.0.0.1:{server.bind_addr[1]}/remote.php/dav/files/lieu",
            '{ user = "lieu" }',
        )
    finally:
        server.stop()


class Password(asyncssh.SSHServer):
    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == ("lieu", TOKEN)


@contextlib.contextmanager
def sftp(folder: Path, known: str = "") -> Iterator[tuple[str, str]]:
    key = asyncssh.generate_private_key("ssh-ed25519")
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def start() -> Any:
        return await asyncssh.listen(
            "127.0.0.1", 0, server_factory=Password, server_host_keys=[key],
            sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=str(folder)),
        )  # fmt: skip

    server = asyncio.run_coroutine_threadsafe(start(), loop).result(10)
    line = known or key.export_public_key().decode().strip()
    try:
        yield (
            f"sftp://127.0.0.1:{server.get_port()}/",
            f'{{ user = "lieu", known_host = "{line}" }}',
        )
    finally:
        loop.call_soon_threadsafe(server.close)
        time.sleep(0.1)
        loop.call_soon_threadsafe(loop.stop)


@contextlib.contextmanager
def s3(folder: Path) -> Iterator[tuple[str, str]]:
    """A bucket with what is in the folder now."""
    from s3fs import S3FileSystem

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    os.environ["AWS_DEFAULT_REGION"] = "us-east-1"
    system = S3FileSystem(key="lieu", secret=TOKEN, endpoint_url=endpoint, skip_instance_cache=True)
    system.mkdir("lieu")
    for file in folder.rglob("*"):
        if file.is_file():
            system.put_file(str(file), f"lieu/{file.relative_to(folder)}")
    try:
        yield "s3://lieu", f'{{ user = "lieu", endpoint = "{endpoint}" }}'
    finally:
        system.rm("lieu", recursive=True)  # another server of this process would have it too
        server.stop()


SERVERS: dict[str, Callable[[Path], Any]] = {"webdav": webdav, "sftp": sftp, "s3": s3}


@pytest.fixture
def drop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one export of ten minutes ago."""
    monkeypatch.setattr(_remote, "SECOND_LOOK_SECONDS", 0.2)
    folder = tmp_path / "drop"
    (folder / "exports").mkdir(parents=True)
    put(folder, "registre-1.csv", "1;01/10/2026 09:00\n2;01/10/2026 10:00\n")
    return folder


def put(folder: Path, name: str, rows: str, minutes: int = 10) -> None:
    file = folder / "exports" / name
    file.write_text(HEADER + rows, encoding="utf-8")
    then = time.time() - 60 * minutes
    os.utime(file, (then, then))


def declared(tmp_path: Path, url: str, options: str, path: str = "exports/registre-*.csv") -> Any:
    toml = tmp_path / "le-lieu.toml"
    toml.write_text(PLACE + TOML.format(url=url, options=options, path=path), encoding="utf-8")
    return read_place(toml)


@pytest.mark.parametrize("kind", SERVERS)
def test_files_elsewhere_are_taken_once(
    kind: str, drop: Path, tmp_path: Path, settings: Settings, collect: Any, read: Any
) -> None:
    put(drop, "autre.csv", "9;01/10/2026 09:00\n")
    with SERVERS[kind](drop) as (url, options):
        place = declared(tmp_path, url, options)
        [report] = collect(place, settings)
        assert (report.failed, report.refused, report.loaded) == ([], [], 2)
        [again] = collect(place, settings)
        assert (again.failed, again.batches) == ([], 0)
    names = read(settings, "SELECT file_name FROM ledger.batch")
    assert names == [("registre-1.csv",)]
    assert not list((settings.landing / "le-lieu" / "registre" / "remote").iterdir())
    for file in settings.home.rglob("*"):
        assert not file.is_file() or TOKEN.encode() not in file.read_bytes()


@pytest.mark.parametrize("kind", ["webdav", "sftp"])
def test_a_wrong_password_is_said_without_it(
    kind: str, drop: Path, tmp_path: Path, settings: Settings, collect: Any, monkeypatch: Any
) -> None:
    with SERVERS[kind](drop) as (url, options):
        monkeypatch.setenv("CANARY", "faux-secret-77")
        [report] = collect(declared(tmp_path, url, options), settings)
    assert "the folder cannot be read" in report.failed[0]
    assert "faux-secret-77" not in str(report)


def test_an_sftp_server_with_another_key_is_not_talked_to(
    drop: Path, tmp_path: Path, settings: Settings, collect: Any
) -> None:
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip()
    with sftp(drop, known=other) as (url, options):
        [report] = collect(declared(tmp_path, url, options), settings)
    assert "cannot be read (HostKeyNotVerifiable)" in report.failed[0]


def test_a_link_out_of_an_sftp_folder_is_left_alone(
    drop: Path, tmp_path: Path, settings: Settings, collect: Any
) -> None:
    (tmp_path / "secret.csv").write_text(HEADER + "7;01/10/2026 09:00\n")
    (drop / "exports" / "registre-2.csv").symlink_to(tmp_path / "secret.csv")
    with sftp(drop) as (url, options):
        [report] = collect(declared(tmp_path, url, options), settings)
    assert (report.failed, report.loaded) == ([], 2)


@pytest.mark.parametrize("path", ["../registre-*.csv", "/registre-*.csv", "*/registre.csv"])
def test_a_path_out_of_the_folder_is_refused(
    path: str, tmp_path: Path, settings: Settings, collect: Any
) -> None:
    place = declared(tmp_path, "https://nuage.invalid/dav", '{ user = "lieu" }', path)
    [report] = collect(place, settings)
    assert "leads out of the folder" in report.failed[0]


def test_a_file_that_is_being_written_waits_unless_a_mark_says_it_is_complete(
    drop: Path, tmp_path: Path, settings: Settings, collect: Any, monkeypatch: Any
) -> None:
    put(drop, "registre-2.csv", "3;01/10/2026 09:00\n", minutes=0)
    put(drop, "registre-3.csv", "4;01/10/2026 09:00\n", minutes=0)
    (drop / "exports" / "registre-3.csv.ok").touch()

    def grow(_seconds: float) -> None:
        with (drop / "exports" / "registre-2.csv").open("a") as file:
            file.write("5;01/10/2026 11:00\n")

    monkeypatch.setattr(_remote.time, "sleep", grow)
    with webdav(drop) as (url, options):
        [report] = collect(declared(tmp_path, url, options), settings)
    assert (report.failed, report.loaded) == ([], 3)


def test_a_folder_that_sends_us_to_another_host_does_not_get_our_password_there(
    tmp_path: Path, settings: Settings, collect: Any
) -> None:
    came: list[str] = []

    async def other(scope: Any, _receive: Any, send: Any) -> None:
        came.append(scope["path"])
        await answered(send, 404)

    with serving(other) as there:

        async def one(_scope: Any, _receive: Any, send: Any) -> None:
            await answered(send, 302, there)

        with serving(one) as url:
            [report] = collect(declared(tmp_path, url, '{ user = "lieu" }'), settings)
    assert "it sends us to another host (127.0.0.1)" in report.failed[0]
    assert came == []


async def answered(send: Any, status: int, location: str = "") -> None:
    headers = [(b"location", location.encode()), (b"content-length", b"0")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


@pytest.mark.parametrize("kind", SERVERS)
def test_a_file_that_is_too_large_is_refused_while_it_comes(
    kind: str, drop: Path, tmp_path: Path, settings: Settings, collect: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(_remote, "LARGEST_FILE", 1_000_000)
    put(drop, "registre-2.csv", "x" * 5_000_000)
    with SERVERS[kind](drop) as (url, options):
        [report] = collect(declared(tmp_path, url, options), settings)
    assert "registre-2.csv is larger than" in report.failed[0]
    assert report.loaded == 0
    assert max(file.stat().st_size for file in settings.landing.rglob("*")) < 2_000_000


def test_an_empty_folder_is_said(
    drop: Path, tmp_path: Path, settings: Settings, collect: Any
) -> None:
    with webdav(drop) as (url, options):
        [report] = collect(declared(tmp_path, url, options, "exports/rien-*.csv"), settings)
        [other] = collect(declared(tmp_path, url, options, "ailleurs/rien-*.csv"), settings)
    assert "no file matches 'rien-*.csv'" in report.failed[0]
    assert "the folder is not there" in other.failed[0]
