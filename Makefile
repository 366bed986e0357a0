# Every target sets itself up in .venv; a second run finds it there.
PYTHON ?= python3
PORT ?= 5006
WORKERS ?= 2
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK = 1
# Roles start in half the time where modules are compiled once, at the installation for those of others.
export UV_COMPILE_BYTECODE = 1
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test lint format bench soak fuzz chaos links debian clean

# The runtime alone: what `make demo` needs.
$(VENV)/.demo: pyproject.toml setup.py
	@test -x $(BIN)/python || { echo "Making an environment in $(VENV) (once)"; $(PYTHON) -m venv $(VENV); }
	@echo "Installing Heliograph and its embedded store: about half a minute, once"
	@$(BIN)/python -m pip install -q uv
	@$(BIN)/uv pip install -q --python $(BIN)/python -e '.[embedded,work]'
	@touch $@

$(VENV)/.dev: $(VENV)/.demo
	@$(BIN)/uv pip install -q --python $(BIN)/python -e '.[dev]'
	@touch $@

# mypy and import-linter see the rooms under their installed names through these links.
links:
	@rm -rf .links && mkdir -p .links/heliograph
	@for room in app components datasources alerting storage; do ln -s ../../$$room .links/heliograph/$$room; done
	@for file in app/root/*; do ln -s ../../$$file .links/heliograph/; done

demo: $(VENV)/.demo
	@exec $(BIN)/heliograph demo --port $(PORT)

# Debian packages that tests drive; what is missing elsewhere is skipped with a message that names it.
debian:
	@sh tests/debian.sh

test: $(VENV)/.dev debian
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --browser-reruns 1

lint: $(VENV)/.dev links
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@PYTHONPATH=.links $(BIN)/lint-imports --no-cache

format: $(VENV)/.dev
	@$(BIN)/ruff check --fix . && $(BIN)/ruff format .

bench: $(VENV)/.dev
	@$(BIN)/python tests/bench/run.py $(ONLY)

clean:
	rm -rf $(VENV) .links *.egg-info build dist

# An hour of viewers who come and go; HELIOGRAPH_SOAK_S (3600) and HELIOGRAPH_BENCH_VIEWERS (2000) make it shorter.
soak: $(VENV)/.dev
	@$(BIN)/python tests/soak/viewers.py

# Ten minutes of what nobody would ask, by all roles; HELIOGRAPH_FUZZ_S (600), HELIOGRAPH_FUZZ_SEED say how long and from where.
fuzz: $(VENV)/.dev
	@$(BIN)/python tests/fuzz/run.py

# Long runs, outside `make test`: what they measured stands in docs/measurements.md.
chaos: $(VENV)/.dev
	@HELIOGRAPH_TEST_KILLS=200 $(BIN)/python -m pytest tests/integration/test_crash.py -k killed -s
	@HELIOGRAPH_TEST_KILLS=100 $(BIN)/python -m pytest tests/integration/test_alerting.py tests/integration/test_alert_faults.py -k "killed or die" -s
