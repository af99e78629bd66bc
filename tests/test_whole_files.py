"""Writing a file whole: the former one, or the new one, whatever happens in between."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from flows.settings import PROJECT
from flows.whole_files import AS_USUAL, written_whole


@pytest.fixture
def file(tmp_path: Path) -> Path:
    written = tmp_path / "note.json"
    written.write_text("former")
    return written


def test_readers_see_the_former_file_until_the_new_one_is_whole(file):
    with written_whole(file) as unfinished:
        unfinished.write_text("ne")
        assert file.read_text() == "former"
        unfinished.write_text("new")
    assert file.read_text() == "new"
    assert [*file.parent.iterdir()] == [file]


def test_an_error_leaves_the_former_file_and_nothing_else(file):
    with pytest.raises(ValueError, match="not what was wanted"), written_whole(file) as unfinished:
        unfinished.write_text("half")
        raise ValueError("not what was wanted")
    assert file.read_text() == "former"
    assert [*file.parent.iterdir()] == [file]


def test_what_a_killed_process_left_is_in_nobodys_way(file):
    code = (
        "import os, pathlib, signal, sys; from flows.whole_files import written_whole\n"
        "with written_whole(pathlib.Path(sys.argv[1])) as unfinished:\n"
        "    unfinished.write_text('half of something long')\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(file)], cwd=PROJECT, check=False)
    assert done.returncode == -signal.SIGKILL
    assert file.read_text() == "former"
    with written_whole(file) as unfinished:
        unfinished.write_text("new")
    assert file.read_text() == "new"
    assert [*file.parent.iterdir()] == [file]


def test_it_is_for_its_owner_alone_from_its_first_byte_unless_somebody_says_otherwise(file):
    former = os.umask(0o022)
    try:
        for mode, expected in ((None, 0o600), (AS_USUAL, 0o644)):
            with written_whole(file, *([mode] if mode else [])) as unfinished:
                assert unfinished.stat().st_mode & 0o777 == expected
            assert file.stat().st_mode & 0o777 == expected
    finally:
        os.umask(former)


def test_the_bytes_are_on_the_disk_before_the_name_and_the_name_before_one_goes_on(
    file, monkeypatch
):
    done: list[tuple[str, str]] = []
    fsync, replace = os.fsync, os.replace

    def noted_fsync(descriptor: int) -> None:
        done.append(("fsync", Path(f"/proc/self/fd/{descriptor}").readlink().name))
        fsync(descriptor)

    def noted_replace(source: Path, target: Path) -> None:
        done.append(("replace", target.name))
        replace(source, target)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(os, "replace", noted_replace)
    with written_whole(file) as unfinished:
        unfinished.write_text("new")
    assert done == [
        ("fsync", unfinished.name),
        ("replace", "note.json"),
        ("fsync", file.parent.name),
    ]
