#!/bin/sh
# To move a file on an SFTP server may take it away, and leave it nowhere.
#
# Files that somebody fetches are brought under another name and then moved to their own, so that nobody
# finds half of one. sshfs (what fsspec has for sftp://) does it in one step where the server knows the
# request posix-rename. One thinks that it says so where the server does not, or renames as SFTP has it
# from the first version on. It asks for a shell to run `cp`, which a server of files alone refuses, and
# removes the file whether it was copied or not.
#
# It matters to whoever publishes to a funder's server: what was brought is gone, and what stood there too
# where it had made room. Rename by hand: posix-rename, else remove what has the name, and rename.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    sshfs==2026.8.0 asyncssh==2.24.1 fsspec==2026.9.0 2>/dev/null
"$folder/venv/bin/python" - "$folder" <<'PYTHON'
import asyncio
import sys
import threading
from importlib.metadata import version
from pathlib import Path

import asyncssh
from sshfs import SSHFileSystem

shared = Path(sys.argv[1]) / "shared"
shared.mkdir()
(shared / "release.csv.part").write_text("12 visits")


class Door(asyncssh.SSHServer):
    def begin_auth(self, username):
        return False


class Files(asyncssh.SFTPServer):
    """It renames as SFTP has it from the first version on, and has no shell."""

    def __init__(self, channel):
        super().__init__(channel, chroot=str(shared))

    def posix_rename(self, _old, _new):
        raise asyncssh.SFTPOpUnsupported("no such request")


loop = asyncio.new_event_loop()
threading.Thread(target=loop.run_forever, daemon=True).start()
key = asyncssh.generate_private_key("ssh-ed25519")


async def listen():
    return await asyncssh.listen(
        "127.0.0.1", 0, server_factory=Door, server_host_keys=[key], sftp_factory=Files
    )


server = asyncio.run_coroutine_threadsafe(listen(), loop).result(20)
system = SSHFileSystem(
    "127.0.0.1", port=server.get_port(), username="lieu", known_hosts=None, client_keys=None
)
try:
    system.mv("/release.csv.part", "/release.csv")
    said = "nothing"
except Exception as fault:
    said = type(fault).__name__
left = sorted(file.name for file in shared.iterdir())
print("sshfs", version("sshfs"), "asyncssh", version("asyncssh"))
print("it raised:", said)
print("left on the server:", left)
is_so = said != "nothing" and left == []
print("as described" if is_so else "ANOTHER BEHAVIOUR")
sys.exit(0 if is_so else 1)
PYTHON
