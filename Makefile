# Two commands are enough: `make run` and `make test`. Both set up what is missing and can be repeated at no cost.
PYTHON ?= python3
ARGS ?=
PREPARE = @$(PYTHON) .ci/prepare.py
LOCK = .venv/bin/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-build --quiet

.PHONY: help setup run test bench peers lock screenshots wheel clean

help:  ## these lines
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST)

setup:  ## install what is missing; leaves .venv/bin/controlroom
	$(PREPARE)

run: setup  ## open the control room with an embedded hub and a simulated district
	@.venv/bin/controlroom $(ARGS)

test: setup  ## the whole suite on a virtual display: style, types, floors, tests
	@.venv/bin/python -m pytest -n 2 --dist loadfile --ignore=tests/journeys --ignore=tests/test_app.py $(ARGS)
	@# The whole program in a process of its own: it themes the application, which what is tested alone must not meet.
	@.venv/bin/python -m pytest tests/test_app.py tests/journeys

bench: setup  ## run the benchmarks and print a table; ARGS="--quick NAME"
	@.venv/bin/python -m tests.bench.report $(ARGS)

peers:  ## install the peers that the benchmarks compare with
	$(PREPARE) --peers

screenshots: setup  ## a picture of every screen of the running demo, in snapshots/
	@.venv/bin/controlroom snapshot --every --out snapshots $(ARGS)

lock: setup  ## write the lock files anew from pyproject.toml
	$(LOCK) pyproject.toml --extra dev --extra build --output-file requirements.lock
	$(LOCK) pyproject.toml --extra bench --constraint requirements.lock --output-file .ci/peers.lock

wheel: setup  ## build the wheel into dist/
	@.venv/bin/python -m hatchling build --target wheel

clean:  ## remove what was built; the settings and the store of the room stay
	rm -rf .venv dist build snapshots resources/map/node_modules .mypy_cache .ruff_cache .pytest_cache
