# Every target makes what it needs, starting with .venv: only Python (3.11 or later) and make are asked for.
PYTHON ?= python3
ifeq ($(OS),Windows_NT)
BIN := .venv/Scripts
else
BIN := .venv/bin
endif
READY := .venv/.ready
READY_E2E := .venv/.ready-e2e

.PHONY: demo test lint unit e2e bench fuzz format clean

demo: $(READY)  ## type a function of a real file back, with the embedded model
	$(BIN)/firsthand demo

test: $(READY) lint unit  ## everything that needs only Python

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

unit: $(READY)
	$(BIN)/python -m pytest -n auto --dist loadfile --ignore tests/e2e tests

e2e: $(READY_E2E)  ## the real parts: llama.cpp, Neovim
	$(BIN)/python -m pytest -m e2e tests/e2e

bench: $(READY)  ## what a keystroke costs, about 25 minutes
	$(BIN)/python -m bench.keystroke --json bench/keystroke/results.json

fuzz: $(READY)  ## edits, requests, cancels and chunks race each other
	$(BIN)/python -m bench.races --json bench/races/results.json

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

$(READY): pyproject.toml
	$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'Firsthand needs Python 3.11 or later; say which with: make PYTHON=python3.12 ...')"
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[dev]"
	$(PYTHON) -c "open('$@', 'w').close()"

$(READY_E2E): $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[dev,e2e]"
	$(PYTHON) -c "open('$@', 'w').close()"

clean:
	rm -rf .venv .e2e .mypy_cache .ruff_cache
