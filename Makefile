# Every target makes what it needs, starting with .venv: only Python (3.11 or later) and make are asked for.
PYTHON ?= python3
ifeq ($(OS),Windows_NT)
BIN := .venv/Scripts
else
BIN := .venv/bin
endif
READY := .venv/.ready
READY_E2E := .venv/.ready-e2e

VSCODE := clients/vscode
NPM := $(BIN)/python $(VSCODE)/npm.py
READY_VSCODE := $(VSCODE)/node_modules/.ready
SERVER := $(wildcard server/firsthand/*.* server/firsthand/*/*.* server/firsthand/*/*/*.*)

MINUTES ?= 30

# A server that is started for each of some hundred tests would compile itself each time.
unexport PYTHONDONTWRITEBYTECODE

# What was made and found wanting is no result.
.DELETE_ON_ERROR:

.PHONY: demo test lint platforms unit e2e vscode vsix bench fuzz soak lock audit format clean

demo: $(READY)  ## type a function of a real file back, with the embedded model
	$(BIN)/firsthand demo

test: $(READY) lint unit  ## everything that needs only Python

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

platforms: $(READY)  ## types as they are on Windows and on macOS
	$(BIN)/mypy --platform win32 --cache-dir .mypy_cache/platforms server
	$(BIN)/mypy --platform darwin --cache-dir .mypy_cache/platforms server

unit: $(READY)
	$(BIN)/python -m pytest -n auto --dist loadfile --ignore tests/e2e tests

e2e: $(READY_E2E) vsix  ## the real parts: llama.cpp, Neovim, VS Code
	$(BIN)/python -m pytest -m e2e tests/e2e

vscode: $(READY_VSCODE)  ## the extension for VS Code: lint, types, tests of its parts
	$(NPM) run lint
	$(NPM) test

vsix: $(VSCODE)/dist/firsthand.vsix  ## the extension for VS Code, to be installed

bench: $(READY)  ## what a keystroke costs, about 25 minutes
	$(BIN)/python -m bench.keystroke --json bench/keystroke/results.json

fuzz: $(READY)  ## a million inputs for what reads text from outside, then races; atheris is for Linux
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[bench]"
	$(BIN)/python -m bench.fuzz --json bench/fuzz/results.json
	$(BIN)/python -m bench.races --json bench/races/results.json

soak: $(READY_E2E) vsix  ## edit in real editors by a script, for MINUTES in all at once
	$(BIN)/python -m bench.soak --minutes $(MINUTES)

lock: $(READY)  ## pin what the server needs, by hashes, to the newest of each
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[audit]"
	$(BIN)/python -m uv pip compile pyproject.toml --universal --generate-hashes --upgrade --no-header --quiet \
		--python-version 3.11 --output-file requirements.lock

audit: $(READY)  ## what is known against the pinned packages; says so where the advisories can't be had
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[audit]"
	$(BIN)/python -m pip install --dry-run --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python .ci/audit.py

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

$(READY_VSCODE): $(READY_E2E) $(VSCODE)/package.json $(VSCODE)/package-lock.json
	$(NPM) ci --ignore-scripts --no-audit --no-fund
	$(PYTHON) -c "open('$@', 'w').close()"

$(VSCODE)/dist/firsthand.vsix: $(READY_VSCODE) LICENSE $(wildcard $(VSCODE)/src/* $(VSCODE)/walkthrough/*) $(VSCODE)/README.md $(VSCODE)/pack.py $(VSCODE)/compress.ts $(SERVER)
	rm -rf $(VSCODE)/dist
	$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir $(VSCODE)/dist .
	$(BIN)/python $(VSCODE)/pack.py loosen
	cp LICENSE $(VSCODE)/LICENSE
	$(NPM) run compress
	$(NPM) run build
	$(NPM) run package
	$(BIN)/python $(VSCODE)/pack.py weigh

clean:
	rm -rf .venv .e2e .mypy_cache .ruff_cache $(VSCODE)/node_modules $(VSCODE)/dist
