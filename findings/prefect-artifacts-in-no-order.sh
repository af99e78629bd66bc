#!/bin/sh
# The page of a Prefect run shows its artifacts in an order that is nobody's.
#
# A run that tells a data manager first what happened, then what to do, then what moved, makes its
# artifacts in that order. One thinks that its page shows them so, or the last one first. The page asks
# the server for them without an order; the server then sorts by id, the latest first; and the id of an
# artifact, unlike that of an event, is random. So each run is shown in another order. Nor can an id be
# given: the server makes it.
#
# It matters to whoever looks at last night for a moment: what is to be done may stand anywhere. What
# has an order has to be one artifact; those of a task stand below those of the run.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    prefect==3.8.8 "fastapi>=0.139,<0.151" "sqlalchemy[asyncio]>=2.0,<2.1" 2>/dev/null
export PREFECT_HOME="$folder/home" PREFECT_SERVER_ANALYTICS_ENABLED=false DO_NOT_TRACK=1
export PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS=300 PREFECT_LOGGING_LEVEL=ERROR
"$folder/venv/bin/python" - <<'PYTHON'
import sys
from importlib.metadata import version

from prefect import flow, get_client
from prefect.artifacts import create_markdown_artifact

MADE = [f"part-{n:02}" for n in range(12)]


@flow
def night():
    for key in MADE:
        create_markdown_artifact(key, key=key)


night()
with get_client(sync_client=True) as client:
    # as the page of a run asks: which run, and no order
    shown = [one["key"] for one in client._client.post("/artifacts/filter", json={}).json()]
print("prefect", version("prefect"))
print("made: ", *MADE)
print("shown:", *shown)
is_so = sorted(shown) == MADE and shown not in (MADE, MADE[::-1])
print("as described" if is_so else "ANOTHER BEHAVIOUR")
sys.exit(0 if is_so else 1)
PYTHON
