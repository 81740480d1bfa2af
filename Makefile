# Each target sets up what it needs in .venv first (ros2_ws/bootstrap.py), in no time when it is there.
# PYTHON names the interpreter to make .venv with: make test PYTHON=python3.12
PYTHON ?= python3
SHELL := /bin/bash
SETUP := $(PYTHON) ros2_ws/bootstrap.py
ENTER := source .venv/bin/activate

.PHONY: demo test lint bench setup lock clean

demo:  ## the main job on a real photograph; writes out/demo.png and out/demo.json
	@$(SETUP) demo
	@$(ENTER) && python -m mobilepose_ros.demo

test: lint  ## lint, then all tests
	@$(ENTER) && python -m pytest

lint: setup  ## ruff and mypy on all Python code
	@$(ENTER) && ruff check && ruff format --check && mypy

bench: setup  ## latency and rate of the released models
	@$(ENTER) && python -m benchmarks.inference

setup:  ## all that the other targets need, torch included
	@$(SETUP) test

lock:  ## resolve ros2_ws/requirements.lock anew
	@$(SETUP) lock

clean:  ## remove all that make made
	rm -rf .venv out .pytest_cache .mypy_cache .ruff_cache ros2_ws/{build,install,log}
