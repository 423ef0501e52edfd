# Everything from a bare clone: `make app` starts the app, `make test` runs the tests.
PYTHON ?= python3
WORKERS ?= 2
ARGS ?=
PIP_FLAGS ?=
VENV := .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
APP_READY := $(VENV)/.ready-app
DEV_READY := $(VENV)/.ready-dev
PIP := $(PY) -m pip --disable-pip-version-check install $(PIP_FLAGS) -c constraints.txt
SOURCES := app.py hatch_build.py tscviz pages tests benchmarks
export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD := 1

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help app setup setup-dev test e2e cluster lint format types contracts check bench shots notebooks wheel clean

help:  ## this list
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## */\t/' | expand -t 14

app: $(APP_READY)  ## set up and start the app at http://localhost:8501
	$(PY) -m streamlit run app.py $(ARGS)

setup: $(APP_READY)  ## create .venv with what the app needs
setup-dev: $(DEV_READY)  ## create .venv with what tests and checks need too

test: $(DEV_READY)  ## unit tests (ARGS="tests/kernels -k align" narrows)
	OMP_NUM_THREADS=1 $(PY) -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

e2e: $(DEV_READY)  ## the running app in a real browser
	$(PY) -m pytest tests/e2e -m e2e -n $(WORKERS) --dist worksteal $(ARGS)

cluster: $(DEV_READY)  ## a sweep on a Ray cluster of two nodes
	OMP_NUM_THREADS=1 $(PY) -m pytest tests/training/sweep -m cluster $(ARGS)

lint: $(DEV_READY)  ## ruff: rules and format
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)

format: $(DEV_READY)  ## rewrite the code in the common format
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

types: $(DEV_READY)  ## pyright
	$(BIN)/pyright

contracts: $(DEV_READY)  ## which layer may import which
	$(BIN)/lint-imports

check: lint types contracts test  ## all but the browser

bench: $(DEV_READY)  ## speed of the kernels against other packages
	$(PY) benchmarks/soft_dtw.py $(ARGS)

shots: $(DEV_READY)  ## pictures of every page, light and dark, in shots/
	$(PY) -m tests.e2e.shots $(or $(ARGS),shots)

notebooks: $(DEV_READY)  ## run docs/notebooks and write their outputs
	$(PY) -m tests.notebooks

wheel: $(DEV_READY)  ## build dist/*.whl
	$(PY) -m pip --disable-pip-version-check wheel --no-deps -w dist .

clean:  ## remove caches and builds (not .venv, not your runs)
	rm -rf build dist shots tests/e2e/failures .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find app.py tscviz pages tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "tscviz needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1)." \
	       "Name another one: make app PYTHON=/path/to/python3.11" >&2; exit 2; }
	@$(PYTHON) -c 'import ensurepip, venv' || { \
	  echo "$(PYTHON) cannot create environments; on Debian: apt-get install python3-venv" >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)

$(APP_READY): requirements.txt constraints.txt pyproject.toml | $(PY)
	$(PIP) -r requirements.txt
	$(PIP) --no-deps -e .
	@touch $@

$(DEV_READY): requirements-dev.txt requirements-cluster.txt $(APP_READY)
	$(PIP) -r requirements-dev.txt
	@touch $@
