# Everything goes into .venv; nothing else on the machine is touched.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: help demo test lint types verify bench lab setup spark lock clean

help:  ## show what can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

demo: $(READY)  ## simulate a team for twelve weeks and write its monthly report
	$(BIN)/hitlsim demo

test: $(READY) lint types  ## linters, types, then all tests
	$(BIN)/python -m pytest -n auto

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy

verify: $(READY)  ## both engines on five times as many random teams; 50 teams learnt back; 400 tuned; 50 reports killed; 30 trainees at once
	HITLSIM_EXAMPLES=10000 $(BIN)/python -m pytest -n auto tests/simulation/test_engines_agree.py tests/calibration/fitting/test_recovery.py tests/calibration/tuning/weighing/test_worlds.py tests/decisions/reading/test_fuzz.py
	HITLSIM_KILLS=50 $(BIN)/python -m pytest tests/present/reporting/test_killed.py
	HITLSIM_TRAINEES=30 $(BIN)/python -m pytest -s -k killed tests/training/serving/test_at_once.py

bench: $(READY)  ## decisions per second, and where the time goes
	$(BIN)/python -m pytest tests/benchmarks -q -s -p no:randomly -o addopts= -o python_files='bench_*.py' -o python_functions='bench_*'

lab: $(READY)  ## open the notebooks in JupyterLab
	$(BIN)/jupyter lab notebooks

setup: $(READY)  ## make .venv only

spark: $(READY)  ## add PySpark (450 MB), by which counts are held against a second engine
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-spark.lock

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "hitlsim needs Python 3.11 or newer; try: make PYTHON=python3.12 demo"; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || \
	  { echo "python3 -m venv failed; on Debian and Ubuntu: apt install python3-venv"; exit 2; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile -r requirements.lock
	@# on all cores, which pip does on one; and without the libraries' own tests, a quarter of it all
	@$(BIN)/python -m compileall -qq -j 0 -x '/tests/' .venv/lib || true
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)

lock:  ## resolve requirements.lock anew (needs uv)
	uv pip compile --universal --python-version 3.11 --no-header --no-annotate --no-emit-index-url \
	  --no-emit-find-links --extra lab --group dev pyproject.toml -o requirements.lock

clean:  ## remove .venv and caches
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
