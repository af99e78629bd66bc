#!/bin/sh
# A Parquet file that pyarrow reads a thousand rows at a time is in memory as a whole with the first thousand.
#
# iter_batches is how a delivery that is larger than memory is read. One thinks that it holds the group of
# rows that it is in. `pre_buffer`, which is on when nobody says otherwise and is told as a matter of speed
# on remote storage, fetches every group that was asked for, all of them, before the first batch comes, and
# holds them to the end. Smaller batches change nothing; nor does freeing each batch. pre_buffer=False, or
# asking for one group at a time, holds one group.
#
# It matters to whoever takes in years of visits on a small server: a file of 4 GB needs 4 GB, whatever
# the size of the batches, and the limit that one set is passed by the file, not by the rows.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pyarrow==26.0.1 2>/dev/null
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import random
import sys
from importlib.metadata import version
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

GROUPS, ROWS = 20, 20_000
kinds = pa.schema([("record_id", pa.string())])
chance = random.Random(1)
with pq.ParquetWriter("visits.parquet", kinds) as file:
    for _ in range(GROUPS):
        made = [chance.randbytes(16).hex() for _ in range(ROWS)]
        file.write_table(pa.table({"record_id": made}, schema=kinds))
size = Path("visits.parquet").stat().st_size


def held(file, **options):
    """The most that pyarrow held while it gave 1,000 rows at a time, as a share of the file."""
    most = 0
    for _batch in file.iter_batches(batch_size=1_000, **options):
        most = max(most, pa.total_allocated_bytes())
    return most / size


plain = held(pq.ParquetFile("visits.parquet"))
unbuffered = held(pq.ParquetFile("visits.parquet", pre_buffer=False))
file = pq.ParquetFile("visits.parquet")
by_group = max(held(file, row_groups=[number]) for number in range(GROUPS))
print("pyarrow", version("pyarrow"), "- a file of", size, "bytes in", GROUPS, "groups, 1,000 rows at a time")
print(f"held at most, as shares of the file: as it is {plain:.0%},", end=" ")
print(f"pre_buffer=False {unbuffered:.0%}, one group at a time {by_group:.0%}")
is_so = plain > 1 and unbuffered < 0.5 and by_group < 0.5
print("so it is" if is_so else "it is another way now")
sys.exit(0 if is_so else 1)
PYTHON
