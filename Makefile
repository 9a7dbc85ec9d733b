# `make help` says what there is.
PORT ?= 8000
TESTS ?= tests
VENV := .venv/bin
# Half as many again as there are processors: much of a test is waiting for the database, or for the browser.
WORKERS ?= $(shell echo $$(( $$(getconf _NPROCESSORS_ONLN) * 3 / 2 )))

.PHONY: help run test check check-types check-rest bench docs lock messages

help: ## what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo "  PORT=8001 goes with run, TESTS=tests/routing with test."

run: ## a moving example centre in the browser (PORT=8001 for another port)
	@tools/venv.sh run
	@$(VENV)/console demo --port $(PORT)

test: ## every test: real PostgreSQL, Redis and Chromium
	@tools/venv.sh dev
	@tools/chromium.sh
	$(VENV)/pytest $(TESTS) -m "not alone" --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder
	$(VENV)/pytest $(TESTS) -m alone || [ $$? = 5 ]  # 5: there are none among those that were asked for

check: ## formatting, lint, types, import contract, templates
	@tools/venv.sh dev
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target check-types check-rest

check-types:
	$(VENV)/mypy

check-rest:
	$(VENV)/ruff format --check .
	$(VENV)/ruff check .
	$(VENV)/lint-imports
	$(VENV)/djlint --lint --quiet console/web/templates

bench: ## measures, each with a floor taken in the same run
	@tools/venv.sh dev
	@for bench in engine simulate theory check offers clocks web; do echo "== bench/$$bench.py"; $(VENV)/python bench/$$bench.py || exit 1; done
	@if [ -n "$(COLLECTIONS)" ]; then $(VENV)/python bench/kb.py "$(COLLECTIONS)" && $(VENV)/python -m bench.kb_serving "$(COLLECTIONS)"; \
	else echo "== knowledge: left out; COLLECTIONS=FOLDER names collections with judgements, see bench/kb.py"; fi

docs: ## the reference pages that are generated from the code
	@tools/venv.sh dev
	$(VENV)/python tools/reference.py

lock: ## the lock files, from pyproject.toml
	tools/lock.sh
