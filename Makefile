PYTHON = .venv/bin/python
STORIES ?= 300
RUNS ?= 3000000
FAULTS ?= 1
EFFECTS ?= kill ENOSPC EIO
COMMANDS ?= run build close reverse deliver compact

# A file's tests stay together, since they share what they are made of; files begin in
# their order, in which none of the long ones is the last.
PYTEST = $(PYTHON) -m pytest -n auto --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help

help: ## Show this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/.done ## Create the environment in .venv, as the lock file says

.venv/.done: requirements.lock pyproject.toml
	python3 -m venv .venv
	$(PYTHON) -m pip install --quiet --require-hashes -r requirements.lock
	$(PYTHON) -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

lint: setup ## Look for mistakes in Python and SQL
	$(PYTHON) -m ruff check
	$(PYTHON) -m ruff format --check
	$(PYTHON) -m sqlfluff lint --processes 2 sql

types: setup ## Check the types
	$(PYTHON) -m mypy

test: setup ## Run all tests but those of endurance
	$(PYTEST) -m "not endurance"

test-fast: setup ## Run all tests but the slow ones, after an edit
	$(PYTEST) -m "not slow"

endurance: setup ## Faults, random prices, 300 random stories; STORIES=3000: more
	STORIES=$(STORIES) $(PYTHON) -m pytest -n auto --dist worksteal -m endurance

faults: setup ## Kill and fail commands at every change of a file; FAULTS=7: each 7th
	PYTHONPATH=.:tests $(PYTHON) tests/faults.py --every $(FAULTS) \
		--effects $(EFFECTS) --commands $(COMMANDS)

year: setup ## Play a year of nights on a small tenant
	NIGHTS=365 $(PYTHON) -m pytest tests/nightly/test_year.py

old-clients: .old-clients/.done ## Install older DuckDBs, for a test of the warehouse

.old-clients/.done: .venv/.done
	for version in 1.2.2 1.4.5; do $(PYTHON) -m pip install --quiet --no-deps \
		--target .old-clients/$$version duckdb==$$version || exit 1; done
	@touch $@

spark: .venv/.spark ## Install Spark, for the tests of what it makes; it runs on Java

.venv/.spark: .venv/.done requirements-spark.lock
	$(PYTHON) -m pip install --quiet --require-hashes -r requirements-spark.lock
	@touch $@

check: lint types test endurance ## Everything CI runs

bench: setup .venv-bench/.done ## Speed and memory in one table; RUNS=50000000: larger
	$(PYTHON) bench/table.py --runs $(RUNS)

.venv-bench/.done:
	python3 -m venv .venv-bench
	.venv-bench/bin/python -m pip install --quiet --only-binary :all: \
		"dbt-duckdb==1.11.*" "dlt==1.31.*" "pyarrow==26.*"
	@touch $@

golden: setup ## Accept the pages as they render now, then read the diff
	$(PYTHON) -m pytest tests/report/test_pages.py --update-golden
	git diff --stat tests/report/golden

words: setup ## Put new words into the catalogues of languages, and take out old ones
	$(PYTHON) docs/generate/catalogues.py

docs: setup ## Draw the pictures and write the data dictionary, from the code
	$(PYTHON) docs/generate

site: setup ## The documentation as a static site, in dist/site
	$(PYTHON) docs/generate/site.py

export-check: setup .venv-readers/.done ## Read exports with programs of others
	$(PYTHON) tests/export_check.py

.venv-readers/.done:
	python3 -m venv .venv-readers
	.venv-readers/bin/python -m pip install --quiet --only-binary :all: \
		"mloda-community-german-ledger==0.11.*" "python-calamine==0.9.*" \
		"datacontract-cli==1.2.*" "dbt-duckdb==1.11.*"
	@touch $@

focus-check: setup ## Ask the public validator what it says of our FOCUS files
	$(PYTHON) tests/focus_check.py

audit: setup ## Licences, vulnerabilities, secrets in the tree; an SBOM in dist/
	$(PYTHON) tests/audit.py

lock: setup ## Write what an installation needs of requirements.lock
	$(PYTHON) tests/production_lock.py

run: setup ## The nightly job; on the sandbox tenant if no chargeback.toml is here
	$(PYTHON) -m pipeline run

clean: ## Remove the environment and what tools left; never data
	rm -rf .venv .venv-focus .venv-focus-1.0 .venv-readers .venv-bench .old-clients build dist .mypy_cache .pytest_cache .ruff_cache

.PHONY: help setup lint types test test-fast endurance faults year old-clients spark check bench golden words docs site export-check focus-check audit lock run clean
