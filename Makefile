# The two commands are `make run` (the app on demonstration data) and `make test` (every check).

PORT ?= 8000
DEMO ?= 1
export PORT DEMO

# Whatever Python there is starts scripts/bootstrap.py, which looks for a fitting one.
ifeq ($(origin PYTHON),undefined)
PYTHON := $(shell for name in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	command -v $$name && break; done)
endif
BOOTSTRAP = @test -n "$(PYTHON)" || { \
	echo "Python 3.11 or newer is needed; found none. Install it, for example: apt install python3 python3-venv"; \
	exit 1; }; exec "$(PYTHON)" scripts/bootstrap.py

.PHONY: help run test test-all lint unit lock messages shots

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-16s %s\n", $$1, $$2 }'
	@echo "  make run takes PORT=8001 (another port) and DEMO=0 (a real installation, no invented data)."

run: ## start the app at http://localhost:8000; Ctrl-C ends it
	$(BOOTSTRAP) run

test: ## every check: style, types, security, tests, databases, ranking, browser (about 20 minutes)
	$(BOOTSTRAP) check

test-all: ## the same with the full figures and every combination (up to 90 minutes)
	$(BOOTSTRAP) check --full

lint: ## style and types only
	$(BOOTSTRAP) check lint types

unit: ## the tests of the services, the pages and the engine, with coverage
	$(BOOTSTRAP) check unit

lock: ## compile the three files of pinned packages from pyproject.toml (needs uv)
	uv pip compile pyproject.toml --extra test --universal --no-strip-extras --generate-hashes \
		--python-version 3.11 -o requirements.txt
	uv pip compile pyproject.toml --extra test --extra checks --universal --no-strip-extras --generate-hashes \
		--python-version 3.11 -c requirements.txt -o requirements-test.txt
	uv pip compile pyproject.toml --extra bench --universal --no-strip-extras --generate-hashes \
		--python-version 3.11 -c requirements.txt -o requirements-bench.txt

CATALOGUE = matcher/translations/uk/LC_MESSAGES/messages
messages: ## bring the Ukrainian catalogue up to date with the source strings and compile it
	.venv/bin/pybabel -q extract -k _l -k lazy_gettext -F babel.cfg --no-location --sort-output --width=100 \
		--project=matcher --copyright-holder="The contributors" -o $(CATALOGUE).pot .
	.venv/bin/pybabel -q update -i $(CATALOGUE).pot -o $(CATALOGUE).po -l uk --no-fuzzy-matching \
		--ignore-obsolete --width=100
	.venv/bin/pybabel -q compile -i $(CATALOGUE).po -o $(CATALOGUE).mo --statistics
	rm $(CATALOGUE).pot

shots: ## pictures of the main screens into shots/, phone and desk, light and dark, both languages
	.venv/bin/python scripts/shots.py
