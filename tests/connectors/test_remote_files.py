"""Files elsewhere, on real servers: WebDAV mounted as Nextcloud does, SFTP with a pinned key, S3."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import socket
import threading
import time
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import asyncssh
import boto3
import httpx
import pytest
from cheroot import wsgi
from moto.server import ThreadedMotoServer
from wsgidav.wsgidav_app import WsgiDAVApp

from flows.connectors import _remote, _s3, _sftp, _webdav
from flows.connectors.file import fetch
from flows.network.place_files import read_place
from flows.records import Pull
from flows.settings import PROJECT, Settings
from tests.connectors.conftest import PLACE
from tests.fakes.server import serving

WORD = "un mot de passe à 7 é"
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
        "simple_dc": {"user_mapping": {"*": {"lieu": {"password": WORD}}}},
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
    key: Any = None
    """A key that it accepts too."""

    def begin_auth(self, username: str) -> bool:
        return True

    def public_key_auth_supported(self) -> bool:
        return self.key is not None

    def validate_public_key(self, username: str, key: Any) -> bool:
        return bool(username == "lieu" and key == self.key)

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == ("lieu", WORD)


@contextlib.contextmanager
def sftp(
    folder: Path, known: str = "", chroot: bool = True, kind: Any = asyncssh.SFTPServer
) -> Iterator[tuple[str, str]]:
    key = asyncssh.generate_private_key("ssh-ed25519")
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def start() -> Any:
        return await asyncssh.listen(
            "127.0.0.1", 0, server_factory=Password, server_host_keys=[key],
            sftp_factory=lambda channel: kind(channel, chroot=str(folder) if chroot else None),
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
    """A bucket with what is in the folder now, of an account whose secret the server checks."""
    from s3fs import S3FileSystem

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    os.environ["AWS_DEFAULT_REGION"] = "us-east-1"
    user, os.environ["CANARY"] = account(endpoint)
    httpx.post(f"{endpoint}/moto-api/reset-auth", content=b"0").raise_for_status()
    known = {"key": user, "secret": os.environ["CANARY"], "endpoint_url": endpoint}
    system = S3FileSystem(**known, skip_instance_cache=True)
    system.mkdir("lieu")
    for file in folder.rglob("*"):
        if file.is_file():
            system.put_file(str(file), f"lieu/{file.relative_to(folder)}")
    try:
        yield "s3://lieu", f'{{ user = "{user}", endpoint = "{endpoint}" }}'
    finally:
        httpx.post(f"{endpoint}/moto-api/reset-auth", content=b"inf").raise_for_status()
        httpx.post(f"{endpoint}/moto-api/reset").raise_for_status()  # others here would have it too
        server.stop()


def account(endpoint: str) -> tuple[str, str]:
    """The name of its key, and its secret."""
    everything = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    iam = boto3.client(
        "iam", endpoint_url=endpoint, aws_access_key_id="-", aws_secret_access_key="-"
    )
    iam.create_user(UserName="lieu")
    policy = json.dumps({"Version": "2012-10-17", "Statement": [everything]})
    iam.put_user_policy(UserName="lieu", PolicyName="lieu", PolicyDocument=policy)
    key = iam.create_access_key(UserName="lieu")["AccessKey"]
    return key["AccessKeyId"], key["SecretAccessKey"]


SERVERS: dict[str, Callable[[Path], Any]] = {"webdav": webdav, "sftp": sftp, "s3": s3}


@pytest.fixture
def drop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one export of ten minutes ago."""
    monkeypatch.setattr(_remote, "SECOND_LOOK_SECONDS", 0.2)
    monkeypatch.setenv("CANARY", WORD)
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


ODD = [unicodedata.normalize("NFD", "registre-é.csv"), *(f"registre-{c} 1.csv" for c in "#?%'[+")]
ODD.append("registre-%23.csv")
NO_EXPORTS = ["registre-1.csv.ok", "registre-9.csv.filepart", "~$registre-1.csv", ".registre-1.csv"]


@pytest.mark.parametrize("kind", SERVERS)
def test_files_elsewhere_are_taken_once_whatever_their_names(
    kind: str, drop: Path, tmp_path: Path, settings: Settings, collect: Any, read: Any,
    downloads: list[str],
) -> None:  # fmt: skip
    put(drop, "autre.csv", "9;01/10/2026 09:00\n")
    for number, name in enumerate(ODD, start=10):
        put(drop, name, f"{number};01/10/2026 09:00\n")
    for name in NO_EXPORTS:
        put(drop, name, "8;01/10/2026 09:00\n")
    with SERVERS[kind](drop) as (url, options):
        place = declared(tmp_path, url, options, "exports/*registre-*")
        [report] = collect(place, settings)
        assert (report.failed, report.refused, report.loaded) == ([], [], 2 + len(ODD))
        assert sorted(downloads) == sorted(["registre-1.csv", *ODD])
        downloads.clear()
        if kind != "s3":  # there the times are those of now
            put(drop, ODD[0], "20;01/10/2026 09:00\n", minutes=9)
        [again] = collect(place, settings)
    assert (again.failed, again.loaded, downloads) == (
        ([], 0, sorted(["registre-1.csv", *ODD])) if kind == "s3" else ([], 1, [ODD[0]])
    )
    assert not list((settings.landing / "le-lieu" / "registre" / "remote").iterdir())
    secret = os.environ["CANARY"].encode()
    for file in settings.home.rglob("*"):
        assert not file.is_file() or secret not in file.read_bytes()


@pytest.fixture
def downloads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that are fetched."""
    fetched, real = [], _remote.download

    def noted(folder: Any, name: str, *rest: Any) -> None:
        fetched.append(name)
        real(folder, name, *rest)

    monkeypatch.setattr(_remote, "download", noted)
    return fetched


@pytest.mark.parametrize("kind", SERVERS)
def test_a_wrong_password_is_said_without_it(
    kind: str, drop: Path, tmp_path: Path, settings: Settings, collect: Any, monkeypatch: Any
) -> None:
    with SERVERS[kind](drop) as (url, options):
        monkeypatch.setenv("CANARY", "faux-secret-77")
        [report] = collect(declared(tmp_path, url, options), settings)
    assert "the server does not accept our user or our secret" in report.failed[0]
    assert "faux-secret-77" not in str(report)


def test_an_sftp_server_with_another_key_is_not_talked_to(
    drop: Path, tmp_path: Path, settings: Settings, collect: Any
) -> None:
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip()
    with sftp(drop, known=other) as (url, options):
        [report] = collect(declared(tmp_path, url, options), settings)
    with sftp(drop, known="ssh-ed25519 nothing") as (url, options):
        [none] = collect(declared(tmp_path, url, options), settings)
    assert "the server shows another key than the TOML says" in report.failed[0]
    assert "this is not the public key of a server" in none.failed[0]


@pytest.mark.filterwarnings("ignore:Warning. bcrypt.kdf")  # few rounds, so that it is fast
@pytest.mark.parametrize("word", ["", WORD])
def test_an_account_of_sftp_may_have_a_key_with_or_without_a_passphrase(
    word: str, drop: Path, tmp_path: Path, settings: Settings, collect: Any, monkeypatch: Any
) -> None:
    key = asyncssh.generate_private_key("ssh-ed25519")
    monkeypatch.setattr(Password, "key", key.convert_to_public())
    (tmp_path / "cle").write_bytes(key.export_private_key(passphrase=word or None, rounds=2))
    with sftp(drop) as (url, options):
        options = options.replace("{ user", '{ key = { file = "cle" }, user').replace(
            "ssh-ed", f"[127.0.0.1]:{url.rsplit(':', 1)[1][:-1]} ssh-ed"
        )
        place = declared(tmp_path, url, options)
        if not word:
            toml = tmp_path / "le-lieu.toml"
            toml.write_text(toml.read_text().replace('token = { env = "CANARY" }', ""))
            place = read_place(toml)
        [report] = collect(place, settings)
        monkeypatch.setenv("CANARY", "another")
        [other] = collect(declared(tmp_path, url, options), settings)
    assert (report.failed, report.loaded) == ([], 2)
    assert ("the private key cannot be opened" in str(other.failed)) == bool(word)


def test_an_address_of_sftp_begins_at_the_root_of_the_server_or_in_the_folder_of_the_account(
    drop: Path, tmp_path: Path, settings: Settings, collect: Any, monkeypatch: Any
) -> None:
    monkeypatch.chdir(drop)
    with sftp(drop, chroot=False) as (url, options):
        [whole] = collect(declared(tmp_path, url.rstrip("/") + str(drop), options), settings)
        [below] = collect(declared(tmp_path, f"{url}exports", options), settings)
        put(drop, "registre-2.csv", "3;01/10/2026 09:00\n")
        [own] = collect(declared(tmp_path, f"{url}~", options), settings)
    assert (whole.failed, own.failed, whole.loaded, own.loaded) == ([], [], 2, 1)
    assert "the folder is not there" in below.failed[0]
    assert "after /~/" in below.failed[0]


class Guarded(asyncssh.SFTPServer):
    def open(self, path: bytes, pflags: int, attrs: Any) -> Any:
        if b"Canari" in path:
            raise asyncssh.SFTPPermissionDenied("no")
        return super().open(path, pflags, attrs)


def test_a_file_that_is_not_given_is_said_by_its_place_and_the_others_go_on(
    drop: Path, tmp_path: Path, settings: Settings, collect: Any
) -> None:
    put(drop, "registre-0 Canari.csv", "7;01/10/2026 09:00\n")
    put(drop, "registre-2.csv", "3;01/10/2026 09:00\n")
    with sftp(drop, kind=Guarded) as (url, options):
        [report] = collect(declared(tmp_path, url, options), settings)
    [fault] = report.failed
    assert "registre-*.csv n° 1 in order of name: the server lists this file and does not" in fault
    assert (report.loaded, "Canari" in fault) == (3, False)


@pytest.mark.parametrize("kind", SERVERS)
def test_a_server_that_says_nothing_costs_its_source_one_silence(
    kind: str, tmp_path: Path, settings: Settings, collect: Any, monkeypatch: Any
) -> None:
    for module in (_webdav, _sftp, _s3):
        monkeypatch.setattr(module, "SILENCE_SECONDS", 0.3)
    monkeypatch.setenv("CANARY", WORD)
    key = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip()
    with socket.create_server(("127.0.0.1", 0)) as dead:
        at = f"127.0.0.1:{dead.getsockname()[1]}"
        url, options = {
            "webdav": (f"http://{at}/dav", '{ user = "lieu" }'),
            "sftp": (f"sftp://{at}/", f'{{ user = "lieu", known_host = "{key}" }}'),
            "s3": ("s3://lieu", f'{{ user = "lieu", endpoint = "http://{at}" }}'),
        }[kind]
        begun = time.monotonic()
        [report] = collect(declared(tmp_path, url, options), settings)
    assert "the server does not answer, or does not go on" in report.failed[0]
    assert time.monotonic() - begun < 10


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


async def answered(send: Any, status: int, location: str = "", body: bytes = b"") -> None:
    headers = [(b"location", location.encode()), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@pytest.mark.parametrize("kind", SERVERS)
def test_a_file_that_is_too_large_is_refused_while_it_comes(
    kind: str, drop: Path, tmp_path: Path, settings: Settings, collect: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(_remote, "LARGEST_FILE", 1_000_000)
    put(drop, "registre-2.csv", "x" * 5_000_000)
    with SERVERS[kind](drop) as (url, options):
        [report] = collect(declared(tmp_path, url, options), settings)
    assert "registre-2.csv: this file is larger than" in report.failed[0]
    assert report.loaded == 2
    assert max(file.stat().st_size for file in settings.landing.rglob("*")) < 2_000_000


def test_an_empty_folder_is_said(
    drop: Path, tmp_path: Path, settings: Settings, collect: Any
) -> None:
    with webdav(drop) as (url, options):
        [report] = collect(declared(tmp_path, url, options, "exports/rien-*.csv"), settings)
        [other] = collect(declared(tmp_path, url, options, "ailleurs/rien-*.csv"), settings)
    assert "no file matches 'rien-*.csv'" in report.failed[0]
    assert "the folder is not there" in other.failed[0]


def test_what_apache_lists_is_asked_for_under_the_addresses_that_it_gives(
    tmp_path: Path, settings: Settings, collect: Any, monkeypatch: Any
) -> None:
    """Its answer is recorded; it takes an address as it wrote it, and no other."""
    recorded = (PROJECT / "tests" / "data" / "apache-propfind.xml").read_bytes()
    hrefs = re.findall(rb"<D:href>(.*?)</D:href>", recorded)
    asked: list[bytes] = []

    async def apache(scope: Any, _receive: Any, send: Any) -> None:
        asked.append(scope["raw_path"])
        if scope["method"] == "PROPFIND":
            await answered(send, 207, body=recorded)
        else:
            number = hrefs.index(scope["raw_path"])
            await answered(send, 200, body=f"{HEADER}{number};01/10/2026 09:00\n".encode())

    monkeypatch.setenv("CANARY", WORD)
    with serving(apache) as url:
        place = declared(tmp_path, url, '{ user = "lieu" }', "exports #1/registre-*")
        [report] = collect(place, settings)
    assert (report.failed, report.refused, report.loaded) == ([], [], 2 + len(ODD))
    assert asked[0] == hrefs[0] == b"/exports%20%231/"
    taken = {href for href in hrefs[1:] if not href.endswith((b".ok", b".filepart"))}
    assert {*asked[1:]} == taken


def test_a_server_that_falls_silent_is_asked_for_no_other_file_and_what_came_is_loaded(
    tmp_path: Path, settings: Settings, collect: Any, monkeypatch: Any
) -> None:
    recorded = (PROJECT / "tests" / "data" / "apache-propfind.xml").read_bytes()
    asked: list[bytes] = []

    async def apache(scope: Any, _receive: Any, send: Any) -> None:
        asked.append(scope["raw_path"])
        if len(asked) == 4:
            await asyncio.sleep(2)
        body = recorded if len(asked) == 1 else f"{HEADER}{len(asked)};01/10/2026 09:00\n".encode()
        await answered(send, 207 if len(asked) == 1 else 200, body=body)

    monkeypatch.setenv("CANARY", WORD)
    monkeypatch.setattr(_webdav, "SILENCE_SECONDS", 0.5)
    with serving(apache) as url:
        place = declared(tmp_path, url, '{ user = "lieu" }', "exports #1/registre-*")
        [report] = collect(place, settings)
    [fault] = report.failed
    assert "the server does not answer, or does not go on" in fault
    assert (len(asked), report.loaded) == (4, 2)


@pytest.mark.parametrize(
    ("pattern", "meant"),
    [
        ("registre-*", ["registre-1.csv", unicodedata.normalize("NFD", "registre-é.csv")]),
        ("*.filepart", ["registre-9.csv.filepart"]),
        ("registre-é.*", [unicodedata.normalize("NFD", "registre-é.csv")]),
    ],
)
def test_marks_and_files_that_are_being_written_are_no_exports_here_either(
    pattern: str, meant: list[str], tmp_path: Path, make_place: Any
) -> None:
    names = ["registre-1.csv", unicodedata.normalize("NFD", "registre-é.csv"), *NO_EXPORTS]
    place = make_place(tmp_path, dict.fromkeys(names, "x"), path=pattern)
    found = fetch(place.sources[0], Pull(tmp_path, tmp_path))
    assert [delivery.path.name for delivery in found] == meant
