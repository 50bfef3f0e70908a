# Set-up is done once into .venv and again only when the files it depends on change.
# A uv on the PATH is used if it can read uv.lock; if not, one is put into .tools.

UV_VERSION = 0.13.9
PINNED = pyproject.toml uv.lock .python-version
BIN = .venv/bin
WORKERS = 2

help:
	@echo "make demo     set up, compare the shipped institutions, say where the results are"
	@echo "make test     lint, type-check and run all tests"
	@echo "make lint     only: ruff, mypy, import contracts"
	@echo "make format   rewrite the code in the one format"
	@echo "make golden   replace the pinned run by what the model gives now"
	@echo "make bench    run the benchmarks"
	@echo "make core     set up only what a run needs; 'make dev' adds the development tools"
	@echo "make clean    remove environments, caches and builds; results stay"

demo: core
	@$(BIN)/bancassim compare
	@newest=$$(ls -td results/*/ 2>/dev/null | head -n 1); \
	  if [ -n "$$newest" ]; then echo "Results are in $$newest"; fi

test: lint
	@echo "== tests"
	@$(BIN)/pytest -q -n $(WORKERS)

lint: dev
	@echo "== ruff"
	@$(BIN)/ruff check --quiet --output-format concise
	@$(BIN)/ruff format --check --quiet
	@echo "== mypy"
	@$(BIN)/mypy --no-error-summary
	@echo "== import contracts"
	@$(BIN)/lint-imports --no-logo >.venv/contracts.txt 2>&1 || { cat .venv/contracts.txt; exit 1; }

format: dev
	@$(BIN)/ruff check --fix-only --quiet
	@$(BIN)/ruff format --quiet

golden: dev
	@$(BIN)/python -m tests.golden.update

bench: dev
	@$(BIN)/python -m benchmarks.run
	@$(BIN)/python -m benchmarks.engine

clean:
	@rm -rf .venv .tools dist build docs/_build
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

core: .venv/.core
	@:

dev: .venv/.dev
	@:

# The core set-up adds to what is there, so that it never undoes the development one.
.venv/.core: $(PINNED)
	@echo "Setting up .venv (under a minute the first time)"
	@$(FIND_UV); $(SYNC) --no-dev --inexact
	@touch $@

.venv/.dev: $(PINNED)
	@echo "Setting up .venv with the development tools (about a minute the first time)"
	@$(FIND_UV); $(SYNC)
	@touch .venv/.core $@

# uv counts as working if it starts (a pyenv shim may not) and can read the lock file.
# .tools is made from / because .python-version may name a Python that only uv can fetch.
FIND_UV = uv=uv; \
  if ! uv export --frozen --quiet >/dev/null 2>&1; then \
    uv=.tools/bin/uv; root=$$PWD; \
    if ! $$uv --version 2>/dev/null | grep -q "^uv $(UV_VERSION)"; then \
      rm -rf .tools; \
      (cd / && python3 -m venv "$$root/.tools") || exit 1; \
      .tools/bin/python -m pip install --quiet --disable-pip-version-check \
        uv==$(UV_VERSION) || exit 1; \
    fi; \
  fi

# Where Python may not write bytecode, every process would compile every import: uv does it once.
SYNC = UV_PROJECT_ENVIRONMENT=.venv $$uv sync --frozen --quiet --python 3.12 \
  $${PYTHONDONTWRITEBYTECODE:+--compile-bytecode}

.PHONY: help demo test lint format golden bench clean core dev
