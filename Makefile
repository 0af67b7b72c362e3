# `make` alone prints this list. Only python3 (3.11 or newer) and make are needed beforehand.
.DEFAULT_GOAL := help
PYTHON ?= python3
UV_VERSION := 0.13.9
BIN := .venv/bin
READY := .venv/.ready
TOOLS := tests/tools/node_modules/.ready

.PHONY: help setup run test nightly check bench publish golden lock clean

help: ## print this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(READY): requirements.lock pyproject.toml web/build.py web/node.py $(wildcard web/assets/*.*) web/assets/.npmrc
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info[:2] < (3, 14) else "Python 3.11, 3.12 or 3.13 is needed; this is " + sys.version.split()[0] + ". Say which to use: make PYTHON=python3.11 ...")'
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "This Python cannot make virtual environments; install its venv module (on Debian: apt install python3-venv)."; exit 1; }
	@echo "Setting up .venv (once; a minute at most) ..."
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps -e .
	@$(BIN)/python -m web.build
	@touch $(READY)

setup: $(READY) ## make .venv with everything in it

run: $(READY) ## start the service: Temporal server, worker, notices, pages
	@exec $(BIN)/python worker.py

# What the tests are run against from Node: a sign-in provider and the like; the service needs none.
$(TOOLS): tests/tools/package.json tests/tools/package-lock.json tests/tools/.npmrc | $(READY)
	@$(BIN)/python -m tests.tools
	@touch $(TOOLS)

# A file stays on one core, because its fixtures are dear; the order is that of tests/conftest.py,
# where xdist would begin with the files of the most tests, and end with the longest.
PYTEST := $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

test: $(READY) $(TOOLS) ## everything CI runs, some minutes on two cores
	@$(PYTEST)

nightly: $(READY) $(TOOLS) ## the slow forms of the tests as well
	@CASEWORK_TESTS=nightly $(PYTEST)

check: $(READY) ## format, lint, types, import contracts
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: $(READY) ## one line a figure: name value unit
	@$(BIN)/python -m bench

publish: $(READY) ## write diagrams/ and the command-line page again
	@$(BIN)/casework publish

golden: $(READY) ## record invented cases not recorded yet; CASE=story: that one again
	@$(BIN)/python -m tests.golden $(CASE)

lock: ## resolve the dependencies again
	@$(BIN)/uv pip compile -q --universal --generate-hashes --no-header --extra dev pyproject.toml -o requirements.lock

clean: ## remove .venv, var/ (all local cases) and what was built
	@rm -rf .venv var web/static web/assets/node_modules tests/tools/node_modules
