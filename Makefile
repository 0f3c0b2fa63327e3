# The two commands: `make demo` and `make test`. Both set up what they need in .venv, and nothing else.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready

.PHONY: demo quick check test browser docs man picture rooms lint stress clean

demo: $(READY)
	@$(BIN)/forkspec demo

# What starts nothing: no compiler, no cell, no process. Little more than a minute on two idle cores.
quick: $(READY)
	$(BIN)/python -m pytest -q -n auto tests/pure

check: lint quick

test: $(READY) browser
	$(BIN)/python -m pytest -n auto

# For the tests of the pages; without it they are skipped, and say so.
browser:
	@command -v chromium >/dev/null || [ "$$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null || \
	    { echo 'installing chromium ...'; apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
	      apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >/dev/null; } || true

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m pytest -q -p no:cacheprovider tests/cells/test_commits.py

docs: $(READY)
	$(BIN)/python docs/generate.py

man: $(READY)
	@mkdir -p build
	$(BIN)/python docs/man_page.py > build/forkspec.1

picture: $(READY)
	$(BIN)/python docs/picture.py

rooms: $(READY)
	$(BIN)/python docs/rooms.py

stress: $(READY)
	$(BIN)/tox -e stress

$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo 'forkspec needs Python 3.11 or later; name one: make PYTHON=python3.12 ...'; exit 1; }
	@echo 'setting up $(VENV) ...'
	@$(PYTHON) -m venv $(VENV) || { echo 'no venv module: apt-get install python3-venv'; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@$(BIN)/python -m compileall -q harness
	@touch $@

clean:
	rm -rf $(VENV) .tox .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist
