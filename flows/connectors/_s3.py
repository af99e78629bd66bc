"""A folder on S3, Amazon's or another one."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from flows.connectors._afar import (
    BLOCK_BYTES,
    CONNECT_SECONDS,
    SILENCE_SECONDS,
    Told,
    file_not_given,
    moment,
    not_accepted,
    not_there,
    not_written,
    other_fault,
    silent,
)


class S3:
    def __init__(
        self, folder: str, user: str | None, word: str, endpoint: str | None, where: str
    ) -> None:
        from s3fs import S3FileSystem

        self.where, self.folder = where, folder.strip("/")
        times = {"connect_timeout": CONNECT_SECONDS, "read_timeout": SILENCE_SECONDS}
        self.system: Any = S3FileSystem(
            key=user, secret=word, endpoint_url=endpoint, use_listings_cache=False,
            skip_instance_cache=True, config_kwargs={**times, "retries": {"total_max_attempts": 1}},
        )  # fmt: skip
        self.system.retries = 1  # the library's own; a dead server would be asked five times more

    def files(self) -> dict[str, Told]:
        import botocore.exceptions as boto

        self.system.invalidate_cache()
        try:
            listed = self.system.ls(self.folder, detail=True)
        except FileNotFoundError:
            raise not_there(self.where) from None
        except PermissionError:
            raise not_accepted(self.where) from None
        except (TimeoutError, boto.ConnectTimeoutError, boto.ReadTimeoutError):
            raise silent(self.where) from None
        except (OSError, boto.BotoCoreError, boto.ClientError) as fault:
            raise other_fault(fault, self.where) from None
        found = {}
        for told in listed:
            name = str(told["name"]).rsplit("/", 1)[-1]
            if told.get("type") == "file" and name:
                found[name] = Told(told["size"], moment(told.get("LastModified")), told.get("ETag"))
        return found

    def blocks(self, name: str) -> Iterator[bytes]:
        import botocore.exceptions as boto

        try:
            with self.system.open(f"{self.folder}/{name}", "rb") as remote:
                while block := remote.read(BLOCK_BYTES):
                    yield block
        except (TimeoutError, boto.ConnectTimeoutError, boto.ReadTimeoutError):
            raise silent(self.where) from None
        except (FileNotFoundError, PermissionError) as fault:
            raise file_not_given(fault) from None
        except (OSError, boto.BotoCoreError, boto.ClientError) as fault:
            raise other_fault(fault, self.where) from None

    def check(self) -> None:
        """A folder that is not there yet is there with its first file."""

    def put(self, file: Path, name: str) -> None:
        with self.writing():
            self.system.put_file(str(file), f"{self.folder}/{name}")

    def move(self, name: str, to: str) -> None:
        """S3 renames nothing: it copies, each copy in one step, and forgets the other."""
        with self.writing():
            self.system.cp_file(f"{self.folder}/{name}", f"{self.folder}/{to}")
        self.remove(name)

    def remove(self, name: str) -> None:
        with self.writing(), suppress(FileNotFoundError):
            self.system.rm_file(f"{self.folder}/{name}")

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Raises Unreachable for whatever ends a change."""
        import botocore.exceptions as boto

        try:
            yield
        except FileNotFoundError:
            raise not_there(self.where) from None
        except PermissionError:
            raise not_accepted(self.where) from None
        except (TimeoutError, boto.ConnectTimeoutError, boto.ReadTimeoutError):
            raise silent(self.where) from None
        except (OSError, boto.BotoCoreError, boto.ClientError) as fault:
            raise not_written(fault, self.where) from None
