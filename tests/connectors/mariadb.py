"""A real MariaDB for the tests, in a temporary folder and on a socket; gone afterwards."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import pymysql
import pytest

PACKAGES = "apt-get install mariadb-server-core mariadb-client-core"
SMALL = ["--innodb-log-file-size=4M", "--innodb-buffer-pool-size=16M"]
FAR_AWAY = "--default-time-zone=-05:00"
"""The zone of the server: no record is of it."""


@contextlib.contextmanager
def mariadb(folder: Path) -> Iterator[str]:
    """Address of an empty database `lieu`, for an account without a password that may do all.

    Without MariaDB, that is said loudly; in CI it is refused.
    """
    path = f"{os.environ['PATH']}{os.pathsep}/usr/sbin"
    server, install = (shutil.which(name, path=path) for name in ("mariadbd", "mariadb-install-db"))
    if not server or not install:
        assert not os.environ.get("CI"), f"MariaDB is needed: {PACKAGES}"
        warnings.warn("MariaDB is not there: the connector sql is NOT tested on it", stacklevel=2)
        pytest.skip(f"no MariaDB: {PACKAGES}")
    data, socket = folder / "data", folder / "socket"
    common = ["--no-defaults", f"--datadir={data}", *SMALL]
    common += ["--user=root"] if os.geteuid() == 0 else []
    made = [install, *common, "--auth-root-authentication-method=normal", "--skip-test-db"]
    subprocess.run(made, check=True, capture_output=True)
    with (folder / "log").open("wb") as log:
        started = [server, *common, f"--socket={socket}", "--skip-networking", FAR_AWAY]
        process = subprocess.Popen(started, stdout=log, stderr=log)
        try:
            deadline = time.monotonic() + 60
            while not socket.exists():
                said = (folder / "log").read_text()
                assert process.poll() is None and time.monotonic() < deadline, said
                time.sleep(0.05)
            with pymysql.connect(unix_socket=str(socket), user="root") as connection:
                connection.cursor().execute("CREATE DATABASE lieu")
            yield f"mariadb://root@localhost/lieu?unix_socket={socket}"
        finally:
            process.terminate()
            process.wait(30)
            shutil.rmtree(data)
