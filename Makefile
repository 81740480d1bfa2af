# Each target sets up what it needs in .venv first (ros2_ws/bootstrap.py), in no time when it is there.
# PYTHON names the interpreter to make .venv with: make test PYTHON=python3.12
# OUT is the demo's folder for its results: make demo OUT=/tmp/results
PYTHON ?= python3
OUT = out
# SECONDS is the time that make fuzz takes for each reader
SECONDS = 60
# PYTHONS are the interpreters that make release tries its archives with
PYTHONS ?= $(PYTHON)
# WORKERS is how many tests run at the same time: make test WORKERS=0 for one after another
WORKERS ?= 3
SHELL := /bin/bash
SETUP := $(PYTHON) ros2_ws/bootstrap.py
ENTER := source .venv/bin/activate
PARALLEL = -n $(WORKERS) --dist loadfile --no-loadscope-reorder

.PHONY: demo test check lint docs bench fuzz release setup lock clean

demo:  ## the main job on a real photograph; writes demo.png and demo.json in out/
	@mkdir -p "$(OUT)" && trial=$$(mktemp "$(OUT)/.trial.XXXXXX") && rm "$$trial" || \
	{ echo "OUT=$(OUT) cannot be written: give another folder, make demo OUT=FOLDER"; exit 1; }
	@$(SETUP) demo
	@$(ENTER) && python -m mobilepose_ros.demo --out "$(OUT)"

test: lint  ## lint, then all tests
	@$(ENTER) && python -m pytest -m "not alone" $(PARALLEL) && python -m pytest -m alone

check: lint  ## lint, then the tests that need neither DDS nor training: under a minute
	@$(ENTER) && python -m pytest -q -m "not slow and not alone" $(PARALLEL)

lint: setup  ## ruff and mypy on all Python code
	@$(ENTER) && ruff check && ruff format --check && mypy

docs:  ## the documentation as a site in out/site
	@$(SETUP) docs
	@$(ENTER) && python -m tools.reference --check && python -m tools.site

bench: setup  ## ours beside others, the pipe, how cost grows; refreshes docs/performance.md
	@$(ENTER) && mkdir -p out && set -o pipefail && for what in inference pipe startup growth; do \
	python -m benchmarks.$$what --json | tee out/$$what.json || exit 1; done
	@$(ENTER) && python -m benchmarks.performance --inference out/inference.json \
	--pipe out/pipe.json --startup out/startup.json --growth out/growth.json

fuzz:  ## fuzz what reads foreign bytes, SECONDS for each reader; what fails is kept in out/fuzz
	@$(SETUP) fuzz
	@$(ENTER) && python -m tools.fuzz --seconds $(SECONDS) --out "$(OUT)/fuzz"

release:  ## wheel and source archive in out/dist, tried in empty environments: PYTHONS="python3.10 ..."
	@$(SETUP) release
	@$(ENTER) && python -m tools.package_files && \
	python -m tools.distribution --out "$(OUT)/dist" $(foreach python,$(PYTHONS),--python $(python))

setup:  ## all that the other targets need, torch included
	@$(SETUP) test

lock:  ## resolve ros2_ws/requirements.lock anew
	@$(PYTHON) ros2_ws/lock.py

clean:  ## remove all that make made
	rm -rf .venv out .pytest_cache .mypy_cache .ruff_cache ros2_ws/{build,install,log}
