# Everything a developer or an operator types. `make help` lists it; docs/adr/0009-packaging.md says why it is so.

PYTHON ?= python3
VENV := .venv
GPU_VENV := .venv-gpu
TORCH := torch==2.13.0
ARGS :=

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet --no-input
LOCKED := install --require-hashes
EDITABLE := install --no-deps --no-build-isolation --editable .
comma := ,
REQUIRED := $(subst $(comma), ,$(CHECKREADER_REQUIRE))
# Only what was typed: some shells export HOST, and CHECKREADER_HOST and CHECKREADER_PORT keep their say.
ADDRESS := $(if $(findstring command,$(origin HOST)),--host $(HOST)) $(if $(findstring command,$(origin PORT)),--port $(PORT))
DATA_ROOT := $(if $(CHECKREADER_DATA),--data-root "$(CHECKREADER_DATA)")

.DEFAULT_GOAL := help
.PHONY: help serve test check format train evaluate bench prove lock test-gpu clean
.DELETE_ON_ERROR:

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 18

serve: $(VENV)/.cpu ## start the service on 127.0.0.1:8000 (HOST=, PORT=); the first call installs it into .venv
	@$(BIN)/checkreader serve $(ADDRESS) $(ARGS)

test: $(VENV)/.dev $(if $(filter torch,$(REQUIRED)),$(VENV)/.train) ## run the tests (ARGS="-k lattice")
	@$(BIN)/python -m pytest $(ARGS)

check: $(VENV)/.dev ## lint, format and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: $(VENV)/.dev ## put every file into the house's form
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

train: $(VENV)/.train ## train, calibrate and export all models into model/ (CHECKREADER_DATA= the data sets)
	@$(BIN)/python -m training.train $(DATA_ROOT) $(ARGS)

evaluate: $(VENV)/.train ## measure the models and write the figures into the documents (CHECKREADER_DATA=)
	@$(BIN)/python -m training.evaluate $(DATA_ROOT) $(ARGS)

bench: $(VENV)/.train ## time per stage, checks per second, patches per second beside other runtimes
	@$(BIN)/python -m benchmarks.run $(ARGS)

prove: $(VENV)/.dev $(VENV)/.train ## the tests with their full counts of cases (long)
	@mkdir -p build
	@CHECKREADER_PROVE=1 $(BIN)/python -m pytest --junitxml=build/prove.xml -o junit_family=xunit1 $(ARGS); $(BIN)/python -m benchmarks.prove build/prove.xml

test-gpu: ## the tests of the GPU path on CUDA (GPU_PYTHON= an interpreter that has everything already)
ifdef GPU_PYTHON
	@CHECKREADER_REQUIRE=gpu $(GPU_PYTHON) -m pytest tests/app/inference $(ARGS)
else
	@$(MAKE) --no-print-directory VENV=$(GPU_VENV) $(GPU_VENV)/.gpu
	@CHECKREADER_REQUIRE=gpu $(GPU_VENV)/bin/python -m pytest tests/app/inference $(ARGS)
endif

# Every lock agrees with cpu.txt on what both hold, so that they install into one environment.
COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url $(ARGS)
lock: $(VENV)/.dev ## resolve requirements/*.txt anew from pyproject.toml (ARGS=--upgrade for newer versions)
	@$(BIN)/$(COMPILE) pyproject.toml --extra cpu -o requirements/cpu.txt
	@for extra in gpu train cluster dev; do \
	    $(BIN)/$(COMPILE) pyproject.toml --extra $$extra -c requirements/cpu.txt -o requirements/$$extra.txt || exit 1; \
	done
	@echo setuptools | $(BIN)/$(COMPILE) - -c requirements/dev.txt -o requirements/build.txt

clean: ## remove what was installed and built here
	@rm -rf $(VENV) $(GPU_VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

# --- the environment: each stamp is newer than what it was installed from, so a second call does nothing ---

define check_python
command -v "$(PYTHON)" >/dev/null 2>&1 || { \
    echo "checkreader: there is no $(PYTHON) here; name a Python 3.11 or later: make PYTHON=/path/to/python $(MAKECMDGOALS)" >&2; exit 1; }; \
"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
    echo "checkreader: Python 3.11 or later is needed, $(PYTHON) is `"$(PYTHON)" -c 'import platform; print(platform.python_version())'`; name another: make PYTHON=/path/to/python $(MAKECMDGOALS)" >&2; exit 1; }; \
"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { \
    echo "checkreader: $(PYTHON) lacks the venv module; install it (Debian, Ubuntu: apt install python3-venv) or name another: make PYTHON=/path/to/python $(MAKECMDGOALS)" >&2; exit 1; }
endef

$(VENV)/.created:
	@$(check_python)
	@echo "checkreader: creating $(VENV) (once)" >&2
	@"$(PYTHON)" -m venv $(VENV)
	@touch $@

$(VENV)/.cpu: requirements/build.txt requirements/cpu.txt pyproject.toml | $(VENV)/.created
	@echo "checkreader: installing the service into $(VENV) (again only when the requirements change)" >&2
	@$(PIP) $(LOCKED) -r requirements/build.txt -r requirements/cpu.txt
	@$(PIP) $(EDITABLE)
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.cpu
	@echo "checkreader: installing the tools of the tests into $(VENV)" >&2
	@$(PIP) $(LOCKED) -r requirements/dev.txt
	@touch $@

$(VENV)/.train: requirements/train.txt $(VENV)/.cpu
	@echo "checkreader: installing $(TORCH) and the tools of training into $(VENV)" >&2
	@$(PIP) install $(TORCH)
	@$(PIP) $(LOCKED) -r requirements/train.txt
	@touch $@

$(VENV)/.gpu: requirements/build.txt requirements/gpu.txt requirements/dev.txt pyproject.toml | $(VENV)/.created
	@echo "checkreader: installing the service for CUDA into $(VENV)" >&2
	@$(PIP) $(LOCKED) -r requirements/build.txt -r requirements/gpu.txt -r requirements/dev.txt
	@$(PIP) $(EDITABLE)
	@touch $@
