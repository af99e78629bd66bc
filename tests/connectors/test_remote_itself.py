"""Folders elsewhere on the servers that places have: OpenSSH without a chroot, and Apache's mod_dav.

They come with Debian: `apt-get install openssh-server apache2`. `make long` says when they are absent.
What Apache answers to a question for a list is recorded in `tests/data/apache-propfind.xml`; with
IMPACT_RECORD=1 it is written anew.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from flows.connectors import _remote
from flows.connectors._bring import bring
from flows.connectors._remote import Target
from flows.errors import ImpactError
from flows.settings import PROJECT, Settings
from tests.connectors.test_remote_files import HEADER, ODD, WORD, declared

SSHD, APACHE = Path("/usr/sbin/sshd"), Path("/usr/sbin/apache2")
MODULES = Path("/usr/lib/apache2/modules")
RECORDED = PROJECT / "tests" / "data" / "apache-propfind.xml"
FILES = 2000
NEEDED = {"openssh-server": SSHD, "apache2": APACHE}
absent = [package for package, program in NEEDED.items() if not program.exists()]
pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(bool(absent), reason=f"not installed here: {', '.join(absent)}"),
]


@pytest.fixture
def drop() -> Iterator[Path]:
    """A folder with odd names, readable by whoever the servers run as."""
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "exports #1").mkdir()
        for number, odd in enumerate(["registre-1.csv", *ODD], start=1):
            put(folder, odd, number)
        put(folder, "registre-1.csv.ok", 90)
        put(folder, "registre-9.csv.filepart", 91)
        yield folder


def put(folder: Path, name: str, number: int) -> None:
    file = folder / "exports #1" / name
    file.write_text(f"{HEADER}{number};01/10/2026 09:00\n", encoding="utf-8")
    then = time.time() - 600
    os.utime(file, (then, then))


def somebody() -> str:
    """Who the servers run as: not root, who may read everything."""
    return "nobody" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@contextlib.contextmanager
def running(command: list[str], folder: Path, port: int, **who: Any) -> Iterator[None]:
    with subprocess.Popen(command, stderr=(folder / "log").open("w"), **who) as server:
        try:
            until = time.monotonic() + 20
            while True:
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                    break
                assert time.monotonic() < until and server.poll() is None, (
                    folder / "log"
                ).read_text()
                time.sleep(0.1)
            yield
        finally:
            server.terminate()


@contextlib.contextmanager
def openssh(drop: Path, tmp_path: Path) -> Iterator[tuple[str, str]]:
    own = asyncssh.generate_private_key("ssh-ed25519")
    (tmp_path / "cle").write_bytes(own.export_private_key(passphrase=WORD))
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        folder, port = Path(name), free_port()
        lines = []
        for kind in ("ed25519", "rsa"):  # it offers more keys than the TOML knows
            subprocess.run(
                ["ssh-keygen", "-q", "-t", kind, "-N", "", "-f", folder / kind], check=True
            )
            lines.append(f"HostKey {folder / kind}")
        (folder / "known").write_bytes(own.export_public_key())
        (folder / "config").write_text("\n".join([
            *lines, f"Port {port}", "ListenAddress 127.0.0.1", "UsePAM no", "StrictModes no",
            f"PidFile {folder}/pid", f"AuthorizedKeysFile {folder}/known",
            "Subsystem sftp internal-sftp", "ForceCommand internal-sftp", "",
        ]))  # fmt: skip
        known = (folder / "ed25519.pub").read_text().strip()
        Path("/run/sshd").mkdir(exist_ok=True)
        folder.chmod(0o755)
        with running([str(SSHD), "-D", "-e", "-f", str(folder / "config")], folder, port):
            yield (
                f"sftp://127.0.0.1:{port}{drop}",
                f'{{ user = "{somebody()}", known_host = "{known}", key = {{ file = "cle" }} }}',
            )


@contextlib.contextmanager
def apache(drop: Path, _tmp_path: Path) -> Iterator[tuple[str, str]]:
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        folder, port = Path(name), free_port()
        digest = base64.b64encode(hashlib.sha1(WORD.encode()).digest()).decode()
        (folder / "passwords").write_text(f"lieu:{{SHA}}{digest}\n")
        names = "mpm_event authn_core authn_file authz_core authz_user auth_basic dav dav_fs mime"
        modules = [f"LoadModule {m}_module {MODULES}/mod_{m}.so" for m in names.split()]
        (folder / "config").write_text("\n".join([
            *modules, f"ServerRoot {folder}", f"Listen 127.0.0.1:{port}", "ServerName 127.0.0.1",
            f"PidFile {folder}/pid", f"ErrorLog {folder}/errors", f"DavLockDB {folder}/locks",
            f"Mutex file:{folder}", "TypesConfig /etc/mime.types", f"DocumentRoot {drop}",
            f"<Directory {drop}>", "Dav On", "AuthType Basic", "AuthName lieu",
            f"AuthUserFile {folder}/passwords", "Require valid-user", "</Directory>", "",
        ]))  # fmt: skip
        command = [str(APACHE), "-f", str(folder / "config"), "-D", "FOREGROUND"]
        who = {"user": somebody()} if os.getuid() == 0 else {}
        subprocess.run(["chown", "-R", somebody(), folder], check=True)
        with running(command, folder, port, **who):
            yield f"http://127.0.0.1:{port}", '{ user = "lieu" }'


SERVERS = {"openssh": openssh, "apache": apache}
as_root = pytest.mark.skipif(os.getuid() != 0, reason="sshd signs others in only as root")
each = pytest.mark.parametrize("kind", [pytest.param("openssh", marks=as_root), "apache"])


@each
def test_a_real_server_gives_odd_names_and_all_that_is_wrong_is_said(
    kind: str, drop: Path, tmp_path: Path, settings: Settings, collect: Any, monkeypatch: Any
) -> None:
    monkeypatch.setenv("CANARY", WORD)
    put(drop, "registre-Zoé.csv", 50)
    path = "exports #1/registre-*"
    with SERVERS[kind](drop, tmp_path) as (url, options):
        (drop / "exports #1" / "registre-Zoé.csv").chmod(0)
        [report] = collect(declared(tmp_path, url, options, path), settings)
        [fault] = report.failed
        assert "registre-* n° " in fault, fault
        assert "Zoé" not in fault
        assert "the server lists this file and does not give it" in fault
        assert (report.refused, report.loaded) == ([], 1 + len(ODD))
        [none] = collect(declared(tmp_path, url, options, "ailleurs/registre-*"), settings)
        assert "the folder is not there" in none.failed[0]
        if kind == "apache" and os.environ.get("IMPACT_RECORD"):
            record(url)
        monkeypatch.setenv("CANARY", "faux")
        if kind == "openssh":
            key = asyncssh.generate_private_key("ssh-ed25519")
            (tmp_path / "cle").write_bytes(key.export_private_key(passphrase="faux"))
        [wrong] = collect(declared(tmp_path, url, options, path), settings)
        assert "the server does not accept our user or our secret" in wrong.failed[0]
        if kind == "openssh":
            other = key.export_public_key().decode().strip()
            known = options.replace(options.split('known_host = "')[1].split('"')[0], other)
            [changed] = collect(declared(tmp_path, url, known, path), settings)
            assert "the server shows another key than the TOML says" in changed.failed[0]


@each
def test_a_real_server_takes_a_release_in_the_place_of_the_former(
    kind: str, drop: Path, tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setenv("CANARY", WORD)
    names = ["publication.duckdb", "csv/lieux é #1.csv", "SHA256SUMS"]
    there = drop / "impact"
    there.mkdir()
    shutil.chown(there, somebody())
    with SERVERS[kind](drop, tmp_path) as (url, options):
        to = Target.model_validate({
            "id": "region", "url": url + "/impact", "token": {"env": "CANARY"},
            "options": tomllib.loads(f"options = {options}")["options"],
        })  # fmt: skip
        for text in ("former", "present"):
            files = {name: tmp_path / f"{text}-{n}" for n, name in enumerate(names)}
            for name, file in files.items():
                file.write_text(f"{name} {text}")
            bring(files, to, tmp_path)
        found = {f.relative_to(there).as_posix(): f.read_text() for f in there.rglob("*.*")}
        found["SHA256SUMS"] = (there / "SHA256SUMS").read_text()
        assert found == {name: f"{name} present" for name in names}
        closed = drop / "closed"
        closed.mkdir()
        shut = to.model_copy(update={"url": url + "/closed"})
        with pytest.raises(
            ImpactError, match=r"region, 127\.0\.0\.1: the folder cannot be written"
        ):
            bring(files, shut, tmp_path)
        assert not list(closed.iterdir())


def record(url: str) -> None:
    import httpx

    from flows.connectors._webdav import WHAT_IS_THERE

    answer = httpx.request(
        "PROPFIND", f"{url}/exports%20%231/", auth=("lieu", WORD), content=WHAT_IS_THERE,
        headers={"Depth": "1", "Content-Type": "application/xml"},
    )  # fmt: skip
    RECORDED.write_bytes(answer.content)


@each
def test_the_second_night_over_two_thousand_files_takes_a_tenth_of_the_first(
    kind: str, drop: Path, tmp_path: Path, settings: Settings, collect: Any, monkeypatch: Any
) -> None:
    monkeypatch.setenv("CANARY", WORD)
    shutil.rmtree(drop / "exports #1")
    (drop / "exports #1").mkdir()
    for number in range(FILES):
        put(drop, f"registre-{number // 1000:03}-{number % 1000:03}.csv", number)
    fetched, real = [], _remote.download

    def counted(*rest: Any) -> None:
        fetched.append(rest[1])
        real(*rest)

    monkeypatch.setattr(_remote, "download", counted)
    nights = []
    with SERVERS[kind](drop, tmp_path) as (url, options):
        place = declared(tmp_path, url, options, "exports #1/registre-*.csv")
        for _night in range(2):
            fetched.clear()
            began, clock = time.process_time(), time.monotonic()
            [report] = collect(place, settings)
            nights.append((len(fetched), time.process_time() - began, time.monotonic() - clock))
            assert report.failed == []
    assert (nights[0][0], nights[1][0]) == (FILES, 0)
    assert nights[1][1] < nights[0][1] / 10
