"""What is measured, and how: work in a process of its own, in turn, medians and spread.

CPU seconds are those of all threads of that process, from after its imports to the end of its work;
the imports are told apart. Peak memory is that of the whole process.
"""

import json
import resource
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any


def cpu_seconds() -> float:
    """Of this process, and of those that it started and that have ended."""
    used = [resource.getrusage(of) for of in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(of.ru_utime + of.ru_stime for of in used)


@contextmanager
def counted(costs: dict[str, float], name: str) -> Iterator[None]:
    """Add the CPU seconds of all threads."""
    before = cpu_seconds()
    yield
    costs[name] = costs.get(name, 0) + cpu_seconds() - before


def tell(imports: float, costs: dict[str, float]) -> None:
    """What a measured process says last: CPU seconds, and its peak or that of a process of its own,
    the higher; not that of its parent, as `getrusage` would have it.
    """
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    [own] = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")]
    started = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    print(json.dumps({"imports": imports, "peak": max(int(own), started) / 1024, **costs}))


@dataclass(frozen=True)
class Cost:
    """CPU seconds, peak mebibytes, and CPU seconds of the parts that the work told of."""

    cpu: float
    peak: float
    parts: dict[str, float]


def run(command: Sequence[str], **options: Any) -> Cost:
    """Run it; its last line of output is what it has to `tell`: what it cost, whole and in parts."""
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False, **options)
    lines = done.stdout.splitlines()
    if done.returncode or not lines:
        raise SystemExit("\n".join([f"failed: {' '.join(command)}", *lines[-20:]]))
    parts: dict[str, float] = json.loads(lines[-1])
    done_with = " ".join(Path(word).name for word in command[1:])
    print(f"  {parts['cpu']:8.2f} CPU s  {parts['peak']:6.0f} MiB  {done_with}", file=sys.stderr)
    return Cost(parts["cpu"], parts["peak"], parts)


def work(module: str, *arguments: object) -> Cost:
    """`run` of a module of this folder."""
    return run([sys.executable, "-m", f"tests.bench.{module}", *map(str, arguments)])


@dataclass(frozen=True)
class Row:
    """One line of the table: a work, and what it is of another, each round by itself."""

    work: str
    of: str
    ratios: list[float]
    """One a round, in ABAB order; empty where only the cost itself is told."""
    cpu: list[float]
    peak: float
    goal: str = ""

    def cells(self) -> list[str]:
        ratio = spread = ""
        if self.ratios:
            ratio = number(median(self.ratios))
            spread = f"{number(min(self.ratios))}–{number(max(self.ratios))}"
        return [
            self.work, self.of, ratio, spread, self.goal,
            number(median(self.cpu)) if self.cpu else "",
            f"{self.peak:,.0f}" if self.peak else "",
        ]  # fmt: skip


HEADINGS = ["Work", "÷", "Ratio", "Spread", "Goal", "CPU s", "Peak MiB"]


def row(name: str, of: str, costs: list[Cost], others: list[Cost], goal: str = "") -> Row:
    """The costs of a work, each divided by that of the other in the same round."""
    return Row(
        name, of, [a.cpu / b.cpu for a, b in zip(costs, others, strict=True)],
        [cost.cpu for cost in costs], max(cost.peak for cost in costs), goal,
    )  # fmt: skip


def number(value: float) -> str:
    """Three digits that count."""
    return f"{value:.3f}" if value < 0.1 else f"{value:.2f}" if value < 10 else f"{value:.1f}"


def table(rows: Sequence[Row]) -> str:
    """As Markdown, which reads well in a terminal too."""
    cells = [HEADINGS, *(row.cells() for row in rows)]
    widths = [max(len(line[at]) for line in cells) for at in range(len(HEADINGS))]
    lines = ["| " + " | ".join(f"{c:<{w}}" for c, w in zip(line, widths, strict=True)) + " |"
             for line in cells]  # fmt: skip
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def write_section(file: Path, title: str, text: str) -> None:
    """Put a section in the place of the one of that title, or at the end."""
    whole = file.read_text(encoding="utf-8") if file.exists() else ""
    head, *sections = whole.rstrip("\n").split("\n\n## ")
    made, named = f"{title}\n\n{text.strip()}", [one.splitlines()[0] for one in sections]
    at = named.index(title) if title in named else len(sections)
    sections[at : at + 1] = [made]
    file.write_text("\n\n## ".join([head, *sections]) + "\n", encoding="utf-8")
