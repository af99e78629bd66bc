"""The map of the product, and the one rule: data goes one way.

    connectors ──▶ intake ──▶ warehouse ──▶ publication
     fetch, parse    judge, load   build, audit   write, switch

These four layers never import each other. What else there is, from the top down:

    cli               the commands, and what the terminal shows
    runs              what Prefect runs, and at which hour: night, arrival, rerun, routine
    stages            what a run does: preflight, collect, build, publish
    samples           invented places and their exports
    onboarding        a new place: guess its file, check it, write its TOML; the kit
    operation         what keeps it well: doctor, backup, alerts, letters, corrections
    door              what is brought: deliveries, hooks, watched folders
    site              the release as static pages, for people with a browser
    serving           the processes of `impact serve`, and how to talk to their server
    network           a network made, and its TOML files read
    documents         what docs/ says of itself: indicators, dictionary, Table Schemas
    reference_build   the reference data, made anew from what INSEE and the ANCT publish

The files beside these folders are the words that all share: `errors`, `language`, `settings`,
`machine`, `spelling`, `names`, `nothing`, `declaration`, `places`, `shape`, `sources`, `records`,
`reference`, `payroll`, `shown_names`, `sql_files`, `whole_files`. They import no folder;
`locale` has their French.

Beside `flows/`: a contract, its columns and its rules about a row are in `schemas`, a figure is in
`sql/indicators`, and what a funder sees, and what is hidden there, in `sql/published`.

Only `runs` imports Prefect, no modules import each other in a circle, and no folder reaches back
up: `tests/test_architecture.py` keeps it so.
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
    # what is asked of a page is small and asked often: to start the other engine costs more
    "POLARS_ENGINE_AFFINITY": "in-memory",
    # page after page needs the same memory: giving it back in between costs a tenth of the time
    "POLARS_THP": "1",
    "_RJEM_MALLOC_CONF": "dirty_decay_ms:10000",
    # registering Prefect's own blocks takes a third of its start, and nothing here uses one
    "PREFECT_SERVER_REGISTER_BLOCKS_ON_START": "false",
    # the database of a new home is made at the first start, which a busy machine does slowly
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "180",
    "PREFECT_LOGGING_LEVEL": "CRITICAL",
    # what its server has to say, with tracebacks, is ours to say in words
    "PREFECT_SERVER_LOGGING_LEVEL": "CRITICAL",
}.items():
    os.environ.setdefault(_name, _value)
