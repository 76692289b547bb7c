# Thin: each target is one line or two. `make` alone lists them.
PY := .venv/bin/python
SERVICE ?= directory
WORKERS ?= $(if $(TESTS),0,2)
export PYTHONUNBUFFERED := 1

.DEFAULT_GOAL := help
.PHONY: help install run test check fix demo token bench bench-large simulate lock migration check-isolation clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' Makefile

install:  ## create .venv and install everything that is locked (nothing to do the second time)
	@PYTHON="$(PYTHON)" ./deploy/local/install.sh

run: install  ## start PostgreSQL, NATS, the services and the gateway, load the sample, stay up until Ctrl-C
	@exec $(PY) -m local_stack

test: install  ## every test, on real PostgreSQL and NATS (TESTS=path and ARGS=... narrow it; WORKERS=0 runs in one process)
	@exec $(PY) -m pytest -n $(WORKERS) --no-loadscope-reorder $(ARGS) $(TESTS)

check: install  ## ruff, format, mypy strict, import contracts: all of them, counting failures
	@./.ci/check

fix: install  ## let ruff mend and format what it can
	@$(PY) -m ruff check --fix . ; $(PY) -m ruff format .

demo: install  ## play the days of a CPTS over HTTP, the main job first; fails when under 45 of the 68 indicators move
	@exec $(PY) -m local_stack.demo

token: install  ## a signed token: make -s token ROLE=ed TERRITORY=pays-de-redon [RPPS=] [ORG=] [COMPARES=a,b] [TTL=seconds]
	@exec $(PY) -m local_stack.token "$(ROLE)" "$(TERRITORY)" --rpps "$(RPPS)" --organisation "$(ORG)" --compares "$(COMPARES)" --ttl "$(TTL)"

bench: install  ## measure, print the table and write bench/results.json
	@exec $(PY) -m bench

bench-large: install  ## the figures among ten million facts (half an hour, 15 GB in .run)
	@exec $(PY) -m bench indicators_query 10000000

simulate: install  ## play a territory in memory: first come, matcher, batch; tables, plot, simulation/results.json
	@exec $(PY) -m simulation

lock: install  ## write requirements.lock again from the pyproject files (UPGRADE=--upgrade for newer versions)
	@./deploy/local/lock.sh $(UPGRADE)

migration: install  ## a new migration from the tables: make migration SERVICE=snp-dispatch MESSAGE="add x"
	@exec $(PY) -m local_stack.migration "$(SERVICE)" "$(MESSAGE)"

check-isolation: install  ## install SERVICE with shared alone in a fresh environment and run its tests
	@exec ./deploy/local/check_isolation.sh "$(SERVICE)"

clean: install  ## remove .run and the caches (refused while a stack runs on .run)
	@exec $(PY) -m local_stack.clean
