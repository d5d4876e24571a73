# Everything a newcomer needs: `make demo`, `make test`. `make check` says whether it is clean.
.DEFAULT_GOAL := help
.PHONY: help demo test check format lint types contracts bench setup clean

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3
UV := $(shell command -v uv 2>/dev/null)
STAMP := $(VENV)/.ready

help: ## show what there is to make
	@grep -E '^[a-z]+:.*## ' Makefile | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

setup: $(STAMP) ## make .venv with the versions of uv.lock

# A machine without uv gets it inside .venv; uv then fills the same .venv from uv.lock.
$(STAMP): uv.lock pyproject.toml
	@echo "Setting up $(VENV), about a minute without a cache ..."
	@if [ -z "$(UV)" ]; then \
		$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv $(VENV); \
		test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv; \
	fi
	@UV_PROJECT_ENVIRONMENT=$(VENV) $(if $(UV),$(UV),$(BIN)/uv) sync --quiet --locked --inexact --compile-bytecode
	@touch $(STAMP)

demo: $(STAMP) ## replay examples/posts.jsonl in the terminal, without any token
	@$(BIN)/direct-dial demo

# The fast ones first; then the journeys, which start and kill whole processes for minutes.
test: $(STAMP) ## run every test, those on PostgreSQL included
	$(BIN)/pytest -q -n auto -m "not journey"
	$(BIN)/pytest -q -n auto -m journey

check: $(STAMP) format lint types contracts test ## format, lint, types, import contracts, tests

format: $(STAMP)
	$(BIN)/ruff format --check .

lint: $(STAMP)
	$(BIN)/ruff check .

types: $(STAMP)
	$(BIN)/mypy

contracts: $(STAMP)
	$(BIN)/lint-imports

bench: $(STAMP) ## measure reading and deciding for some minutes; QUICK=1: one; WRITE=1: docs too
	@UV_PROJECT_ENVIRONMENT=$(VENV) $(if $(UV),$(UV),$(BIN)/uv) sync --quiet --locked --inexact --group bench --compile-bytecode
	@$(BIN)/python -m benchmarks.reading $(if $(QUICK),--quick) $(if $(WRITE),--write)

clean: ## remove .venv and caches
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis
