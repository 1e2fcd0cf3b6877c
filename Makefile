# Two commands: `make demo` opens the console on a living city, `make test` proves that it works.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --quiet --disable-pip-version-check install
ARGS   ?=
unexport PYTHONDONTWRITEBYTECODE # else every process that a test, the demo or a bench starts compiles all of Yunwang anew

.PHONY: demo test lint soak bench lock docs translations clean

demo: $(VENV)/run.stamp
	@$(BIN)/yunwang demo $(ARGS)

# Four at a time, also on two cores: much of the time of a test goes by while processes start and polls come due.
test: lint
	$(BIN)/python -m pytest -n 4 --dist loadfile --no-loadscope-reorder $(ARGS)

lint: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

soak: $(VENV)/dev.stamp
	YUNWANG_SOAK=1 $(BIN)/python -m pytest -m soak -s $(ARGS)

bench: $(VENV)/dev.stamp
	$(BIN)/python bench/run.py $(ARGS)

docs: $(VENV)/dev.stamp
	$(BIN)/python docs/make.py

translations: $(VENV)/dev.stamp
	$(BIN)/python docs/make.py translations

lock: $(VENV)/dev.stamp
	uv pip compile pyproject.toml --group build --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -o requirements.lock
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -o requirements-dev.lock

$(VENV)/run.stamp: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' || { echo "Yunwang needs Python 3.11 to 3.13; name one with: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@echo "Making the environment in $(VENV) (once) ..." >&2
	@$(PYTHON) -m venv $(VENV) || { echo "This Python cannot make environments; on Debian: apt-get install python3-venv" >&2; exit 1; }
	@$(PIP) --require-hashes -r requirements.lock
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/dev.stamp: $(VENV)/run.stamp requirements-dev.lock
	@$(PIP) --require-hashes -r requirements-dev.lock
	@touch $@

clean:
	rm -rf $(VENV) build dist *.egg-info
