# make run: build the environment and serve both APIs.   make test: build it and pass the tests.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
RUN ?= --port 8080

.PHONY: run test statements mutants schemathesis siege crash check scorecard lint bench bench-life bench-snapshots dev clean

run: $(VENV)/.run
	$(BIN)/apidouble serve $(RUN)

test: $(VENV)/.dev
	$(BIN)/pytest -n auto $(TESTS)

# docs/statements.md: every statement of the two documents, and the tests and readings that hold it.
statements: $(VENV)/.dev
	$(BIN)/python -m tests.statements

# Planted bugs, each of which a test must notice: tests/mutants/mutants.yaml.
mutants: $(VENV)/.dev
	$(BIN)/python tests/mutants/run.py $(MUTANTS)

# The specs against the simulator by schemathesis alone, at length.
schemathesis: $(VENV)/.dev
	APIDOUBLE_PROFILE=nightly $(BIN)/pytest -n auto tests/contract/schemathesis

# Stalled, hostile and greedy clients against a real server, while an honest one is timed; SIEGE=--short for a look.
siege: $(VENV)/.dev
	$(BIN)/python -m tests.serve.siege $(SIEGE)

# A sandbox killed 300 times under load: what was answered is kept, once. CRASH="--rounds 30 --store postgresql://…"
crash: $(VENV)/.dev
	$(BIN)/python -m tests.sandbox.crash $(CRASH)

check: $(VENV)/.run
	$(BIN)/apidouble check

# Whether the simulator does as the services do: build/scorecard.html and .json, from the documents and what was recorded.
scorecard: $(VENV)/.dev
	mkdir -p build
	$(BIN)/apidouble scorecard --html build/scorecard.html --json build/scorecard.json

# Ratios to a bare Flask route and a plain WSGI callable on the same server, and to granian; with PEERS=1, to other mock servers too.
bench: $(VENV)/.dev
	$(BIN)/python -m tests.benchmarks.bench $(if $(PEERS),--peers) $(BENCH)

bench-life: $(VENV)/.dev
	$(BIN)/python tests/benchmarks/life.py --memory

bench-snapshots: $(VENV)/.dev
	$(BIN)/python tests/benchmarks/snapshots.py

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy -p apidouble.mockserver -p apidouble.client -p apidouble.specs
	$(BIN)/mypy tests
	PYTHONPATH=.types $(BIN)/lint-imports

dev: $(VENV)/.dev

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "apidouble needs Python 3.11 or newer; say which with make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: $(VENV)/bin/python pyproject.toml setup.py
	$(BIN)/pip install --quiet --disable-pip-version-check -e .
	touch $@

$(VENV)/.dev: $(VENV)/bin/python pyproject.toml setup.py
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[dev]'
	touch $@ $(VENV)/.run

clean:
	rm -rf $(VENV) build *.egg-info
