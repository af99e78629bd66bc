"""Deliveries as nobody means to send them: right ones in five formats, then spoilt.

A number gives the same bytes for ever, on every machine with the same libraries.
"""

from __future__ import annotations

import gzip
import io
import json
import random
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import polars as pl
import xlsxwriter

from flows.samples.ods import ods_bytes

COLUMNS = {
    "record_id": "N°", "checked_in_at": "Arrivée", "checked_out_at": "Départ",
    "headcount": "Nombre", "space_code": "Espace",
}  # fmt: skip
IDENTITY = {"email": "Courriel"}
HEADERS = [*COLUMNS.values(), *IDENTITY.values()]
CANARY = "zebulon"
"""Stands in every address, and may stand nowhere else afterwards."""
LONG_AGO = datetime(2020, 1, 1)

Cells = dict[str, Any]


@dataclass(frozen=True)
class Fuzzed:
    """A file, what was done to it, and how many records were written before that."""

    name: str
    content: bytes
    rows: int
    how: tuple[str, ...] = ()


ODD = [
    "", " ", "\u00a0", "=1+1", "NaN", "-0", "1e400", "9" * 40, "2026-02-30", "31/12/9999 23:59",
    "é" * 300, '"', "'", "a;b,c\td|e", "ligne\nsuivante", "{}", "[1]", "\u202egauche", "٣", "true",
]  # fmt: skip


def register(rng: random.Random, number: int) -> list[Cells]:
    """Visits of a desk, of which every fourth register has a few cells that are none."""
    rows = []
    for line in range(rng.randint(1, 12)):
        at = datetime(2026, rng.randint(1, 9), rng.randint(1, 28), rng.randint(8, 17), 30)
        values = [
            f"{number}-{line}", at, at + timedelta(hours=2), rng.choice([1, 1, 2, 30]),
            rng.choice(["coworking", "fablab"]), f"{CANARY}.{line}@example.org",
        ]  # fmt: skip
        rows.append(dict(zip(HEADERS, values, strict=True)))
    if rng.random() < 0.25:
        for _ in range(3):
            rng.choice(rows)[rng.choice(HEADERS)] = rng.choice(ODD)
    return rows


def shown(value: Any) -> str:
    return f"{value:%d/%m/%Y %H:%M}" if isinstance(value, datetime) else str(value)


def csv(rng: random.Random, rows: list[Cells]) -> bytes:
    separator, end = rng.choice(";;,\t|"), rng.choice(["\n", "\r\n"])
    lines = [HEADERS, *([shown(row[header]) for header in HEADERS] for row in rows)]
    quoted = [[f'"{c.replace(chr(34), chr(34) * 2)}"' for c in line] for line in lines]
    text = end.join(separator.join(line) for line in quoted) + end
    return text.encode(rng.choice(["utf-8", "utf-8-sig", "cp1252", "utf-16"]), "replace")


def xlsx(_rng: random.Random, rows: list[Cells]) -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        book.set_properties({"created": LONG_AGO})
        calendar = book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
        sheet = book.add_worksheet("Registre")
        sheet.write_row(0, 0, HEADERS)
        for y, row in enumerate(rows, 1):
            for x, header in enumerate(HEADERS):
                if isinstance(row[header], datetime):
                    sheet.write_datetime(y, x, row[header], calendar)
                elif isinstance(row[header], int):
                    sheet.write_number(y, x, row[header])
                else:
                    sheet.write_string(y, x, row[header])
    return target.getvalue()


def ods(_rng: random.Random, rows: list[Cells]) -> bytes:
    cells = [HEADERS, *([shown(row[header]) for header in HEADERS] for row in rows)]
    return ods_bytes(cells, "Registre", "Registre", LONG_AGO)


def jsonl(_rng: random.Random, rows: list[Cells]) -> bytes:
    lines = [
        {h: v.isoformat() if isinstance(v, datetime) else v for h, v in r.items()} for r in rows
    ]
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()


def parquet(_rng: random.Random, rows: list[Cells]) -> bytes:
    """A column with one kind of value keeps it; any other becomes text."""
    frame = pl.DataFrame(
        {
            header: values
            if len({type(value) for value in values}) == 1
            else [shown(value) for value in values]
            for header, values in ((header, [row[header] for row in rows]) for header in HEADERS)
        }
    )
    target = io.BytesIO()
    frame.write_parquet(target)
    return target.getvalue()


FORMATS: dict[str, Callable[[random.Random, list[Cells]], bytes]] = {
    "csv": csv, "xlsx": xlsx, "ods": ods, "jsonl": jsonl, "parquet": parquet,
}  # fmt: skip
TEXTS = ("csv", "jsonl")


def cut(rng: random.Random, file: Fuzzed) -> Fuzzed:
    """The end, the beginning or a piece in the middle is not there."""
    begin, end = sorted(rng.choices(range(len(file.content) + 1), k=2))
    kept = [file.content[:end], file.content[begin:], file.content[:begin] + file.content[end:]]
    return replace(file, content=rng.choice(kept))


def flipped(rng: random.Random, file: Fuzzed) -> Fuzzed:
    return replace(file, content=other_bytes(rng, file.content))


def other_bytes(rng: random.Random, content: bytes) -> bytes:
    spoilt = bytearray(content)
    for _ in range(min(len(spoilt), rng.choice([1, 2, 8, 64]))):
        spoilt[rng.randrange(len(spoilt))] = rng.randrange(256)
    return bytes(spoilt)


def flipped_inside(rng: random.Random, file: Fuzzed) -> Fuzzed:
    """A part of a workbook, under a checksum that is right again."""
    try:
        with zipfile.ZipFile(io.BytesIO(file.content)) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
    except Exception:  # no workbook, or none any more
        return flipped(rng, file)
    victim, target = rng.choice([*parts]), io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, part in parts.items():
            content = other_bytes(rng, part) if name == victim else part
            archive.writestr(zipfile.ZipInfo(name), content)
    return replace(file, content=target.getvalue())


def joined(rng: random.Random, file: Fuzzed) -> Fuzzed:
    """Another file stands behind it, or the same again."""
    other = rng.choice([file.content, right(rng, 0).content])
    return replace(file, content=file.content + other)


def encoded(rng: random.Random, file: Fuzzed) -> Fuzzed:
    """Text in another encoding, or anything compressed under its old name."""
    if rng.random() < 0.2:
        return replace(file, content=gzip.compress(file.content, mtime=0))
    text = file.content.decode("utf-8", "replace")
    kinds = ["utf-16-le", "utf-16-be", "utf-32", "cp850", "utf-8-sig", "latin-1"]
    return replace(file, content=text.encode(rng.choice(kinds), "replace"))


def renamed(rng: random.Random, file: Fuzzed) -> Fuzzed:
    stem = file.name.partition(".")[0]
    suffixes = [*(f".{name}" for name in FORMATS), "", ".CSV", ".txt", ".csv.gz", ".json", ".xls"]
    return replace(file, name=stem + rng.choice(suffixes))


WAYS = [cut, cut, flipped, flipped, flipped_inside, joined, encoded, renamed]


def right(rng: random.Random, number: int) -> Fuzzed:
    """A delivery as a tool writes it."""
    kind = rng.choice([*FORMATS])
    rows = register(rng, number)
    return Fuzzed(
        f"{number // 1000:03}-{number % 1000:03}.{kind}", FORMATS[kind](rng, rows), len(rows)
    )


def fuzzed(number: int, times: tuple[int, int] = (1, 2)) -> Fuzzed:
    """The delivery of that number: one in twenty stays right, others are spoilt so many times."""
    rng = random.Random(number)
    file = right(rng, number)
    if rng.random() < 0.05:
        return file
    for way in rng.choices(WAYS, k=rng.randint(*times)):
        file = replace(way(rng, file), how=(*file.how, way.__name__))
    return file
