# Two commands: `make demo` opens the console on a living city, `make test` proves that it works.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
ARGS   ?=

.PHONY: demo test soak bench lint lock translations docs clean

$(VENV)/run.stamp: requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/dev.stamp: $(VENV)/run.stamp requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	touch $@

demo: $(VENV)/run.stamp
	@$(BIN)/yunwang demo $(ARGS)

test: $(VENV)/dev.stamp lint
	$(BIN)/python -m pytest $(ARGS)

lint: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

soak: $(VENV)/dev.stamp
	YUNWANG_SOAK=1 $(BIN)/python -m pytest -m soak -s $(ARGS)

bench: $(VENV)/dev.stamp
	$(BIN)/python bench/run.py $(ARGS)

lock: $(VENV)/dev.stamp
	uv pip compile pyproject.toml --group build --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -o requirements.lock
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -o requirements-dev.lock

translations: $(VENV)/dev.stamp
	$(BIN)/python bench/../docs/make.py translations

docs: $(VENV)/dev.stamp
	$(BIN)/python docs/make.py

clean:
	rm -rf $(VENV) build dist *.egg-info
