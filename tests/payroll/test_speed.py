"""What a large employer costs: the time of a processor, and memory."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import pytest

from flows.settings import PROJECT
from tests.payroll.dsn_text import Contract, Person, block, declared, envelope

TOOL = PROJECT / "flows" / "onboarding" / "dsn.py"
PAY = [line for n in range(12) for line in block("S21.G00.51", {"011": f"{n:03}", "013": "12.34"})]
PAY += [line for n in range(15) for line in block("S21.G00.81", {"001": f"{n:03}", "004": "1.00"})]

pytestmark = pytest.mark.long


RUN = """
import runpy, sys
sys.argv = sys.argv[1:]
try:
    runpy.run_path(sys.argv[0], run_name="__main__")
finally:
    status = open("/proc/self/status").read()
    print(status.partition("VmHWM:")[2].split()[0])
"""


def cost_of(*arguments: str) -> tuple[int, float, int]:
    """Exit code, seconds of processor, and MB, of the tool in a process of its own."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(TOOL), *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return done.returncode, seconds, int(done.stdout.split()[-1]) // 1024


def test_24_months_of_2000_people_take_20_seconds_and_300_megabytes_at_most(machine: Path) -> None:
    people = [Person(n, [Contract("2020-01-01", number=f"{n:05}")]) for n in range(2000)]
    for number in range(24):
        text = envelope(
            declared(f"{2024 + number // 12}-{number % 12 + 1:02}", people), [*PAY * 2000]
        )
        (machine / f"{number:02}.dsn").write_bytes(text.encode("latin-1"))
    code, seconds, megabytes = cost_of(*map(str, sorted(machine.glob("*.dsn"))))
    assert code == 0 and seconds <= 20 and megabytes <= 300, (seconds, megabytes)


def test_300_megabytes_of_pay_alone_are_refused_in_little_memory(machine: Path) -> None:
    with (machine / "grand.dsn").open("wb") as stream:
        lines = b"S21.G00.51.013,'1234.56'\r\n" * 40_000
        for _ in range(300):
            stream.write(lines)
    code, _seconds, megabytes = cost_of("grand.dsn")
    assert (code, megabytes < 50) == (3, True), megabytes
