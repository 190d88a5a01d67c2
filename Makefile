# Hearken needs Python >= 3.11, git and make; everything else is fetched into .venv and web/static/vendor.

.DEFAULT_GOAL := help
.PHONY: help setup run test check bench clean

PYTHON ?=
ARGS ?=
BIN := .venv/bin
CODE := config listener nlp engage web

# The stamp's name carries a checksum of what it stands for (and the place: a moved .venv is of no use).
LOCK_SUM := $(firstword $(shell (pwd; cat requirements-dev.lock pyproject.toml) | cksum))
INSTALLED := .venv/.installed-$(LOCK_SUM)

# Fast tests first, so that a mistake shows early; the browser comes last.
TESTS := $(wildcard $(addprefix tests/,config listener nlp engage web) tests/test_*.py tests/browser)

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-6s %s\n", $$1, $$2 }' Makefile

setup: $(INSTALLED)  ## set up .venv and the browser-side parts; quick when nothing changed
	@$(BIN)/python -m web.vendor

run: setup  ## set up, then start Hearken; Ctrl-C stops it
	@exec $(BIN)/hearken run $(ARGS)

test: setup  ## set up, then run every test (ARGS=... goes to pytest)
	@$(BIN)/python -m pytest $(TESTS) $(ARGS)

check: $(INSTALLED)  ## lint, format and types
	@$(BIN)/python -m ruff check .
	@$(BIN)/python -m ruff format --check .
	@$(BIN)/python -m mypy

bench: setup  ## measure speed, memory and detection, print tables in minutes (ARGS=--full: at full size, in hours)
	@$(BIN)/python -m tests.bench $(ARGS)

clean:  ## remove what was installed, fetched or cached; your data stays
	rm -rf .venv web/static/vendor node_modules hearken.egg-info build .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find $(CODE) tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(INSTALLED):
	@echo 'Setting up .venv; the first time this takes a minute or two.'
	@PYTHON='$(PYTHON)' sh .ci/venv
	@rm -f .venv/.installed-*
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@
