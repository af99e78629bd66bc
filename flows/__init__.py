"""The map of the product, and the one rule: data goes one way.

    connectors ──▶ intake ──▶ warehouse ──▶ publication
     fetch, parse    judge, load   build, audit   protect, release

`schemas` imports nothing of ours. `connectors`, `intake`, `warehouse` and `publication` import
`schemas`, `settings`, `errors`, `language` and `places`, never each other; the flow modules
(`nightly`, `arrival`, `rerun`, `routine`, `collect`, `build`, `publish`) compose them and are, with
`deployments`, `run_context` and `run_page`, the only ones that import Prefect. `cli` calls the
flows. `door` takes what is brought; `serving` starts and watches the processes of `impact serve`.
`tests/test_architecture.py` keeps it so.
"""

import os

# Prefect and Great Expectations read these when they are imported; nothing leaves the machine
# unless somebody says so.
for _name, _value in {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    "GX_ANALYTICS_ENABLED": "false",
    # pages are small: a second thread gains no time and costs a fifth more of the processor
    "POLARS_MAX_THREADS": "1",
    # page after page needs the same memory: giving it back in between costs a tenth of the time
    "POLARS_THP": "1",
    "_RJEM_MALLOC_CONF": "dirty_decay_ms:10000",
    # registering Prefect's own blocks takes a third of its start, and nothing here uses one
    "PREFECT_SERVER_REGISTER_BLOCKS_ON_START": "false",
    # the database of a new home is made at the first start, which a busy machine does slowly
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "180",
    "PREFECT_LOGGING_LEVEL": "CRITICAL",
}.items():
    os.environ.setdefault(_name, _value)
