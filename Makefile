# The commands of this repository. They need Python 3.11 or later, git and make; nothing else.
# The first one sets up .venv from requirements.lock, with uv if it is there, else with pip.

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.made-from.lock
DATABASES := $(VENV)/.databases.lock
JOBS := 2
PYTHONS := python3.11 python3.12 python3.13 python3 python

.DEFAULT_GOAL := help
.PHONY: help setup run test kernels check fix generated notebooks golden example-data lab benchmarks docs pictures lock wheel clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1|/p' Makefile | awk -F'|' '{ printf "%-22s%s\n", $$1, $$2 }'

# $(READY) is a copy of the lock that .venv was made from: a lock that differs means a new .venv.
$(READY): requirements.lock pyproject.toml
	@set -e; \
	if ! cmp -s requirements.lock $@; then \
	    python=; \
	    for name in $(PYTHONS); do \
	        if $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
	            python=$$name; break; \
	        fi; \
	    done; \
	    if [ -z "$$python" ]; then \
	        echo "qieval needs Python 3.11 or later; found:" \
	            "$$(python3 --version 2>&1 || echo 'no python3')." >&2; \
	        echo "What to do: install a newer Python, then run make again." >&2; \
	        exit 1; \
	    fi; \
	    echo "Setting up $(VENV) with $$($$python --version) from requirements.lock" \
	        "(some minutes the first time)"; \
	    rm -rf $(VENV); \
	    if command -v uv >/dev/null 2>&1; then \
	        uv venv --quiet --python "$$($$python -c 'import sys; print(sys.executable)')" $(VENV); \
	        uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock; \
	    else \
	        $$python -m venv $(VENV) || { rm -rf $(VENV); \
	            echo "What to do: install the venv module of your Python" \
	                "(on Debian and Ubuntu the package python3-venv), or uv." >&2; exit 1; }; \
	        $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes \
	            -r requirements.lock; \
	    fi; \
	fi; \
	if command -v uv >/dev/null 2>&1; then \
	    uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .; \
	else \
	    $(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip >/dev/null; \
	    $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps \
	        --no-build-isolation -e .; \
	fi; \
	cp requirements.lock $@

# What only tests need: Spark (a download of 400 MB) and the driver of PostgreSQL.
$(DATABASES): requirements-databases.lock $(READY)
	@set -e; \
	if ! cmp -s requirements-databases.lock $@; then \
	    echo "Adding Spark and PostgreSQL's driver to $(VENV), for the tests (a minute or two)"; \
	    if command -v uv >/dev/null 2>&1; then \
	        uv pip install --quiet --python $(BIN)/python --require-hashes --no-deps \
	            -r requirements-databases.lock; \
	    else \
	        $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes \
	            --no-deps -r requirements-databases.lock; \
	    fi; \
	fi; \
	cp requirements-databases.lock $@

setup: $(READY) ## the environment alone

run: $(READY) ## evaluate the example programme and say where its pages are
	@$(BIN)/qieval run params/closing-the-gap

# One run of pytest for everything, the golden notebooks among it (nbval), and one for each other
# kind of processor: both are done whatever the other finds, and each can fail the whole.
PYTEST := $(BIN)/python -m pytest -n $(JOBS) --dist loadscope

test: $(READY) $(DATABASES) ## every test
	@failed=; \
	$(PYTEST) --nbval --nbval-current-env --nbval-sanitize-with tests/golden/sanitize.cfg \
	    || failed="$$failed tests/"; \
	$(BIN)/python scripts/kernels.py || failed="$$failed kernels"; \
	if [ -n "$$failed" ]; then echo "make test: failures in$$failed" >&2; exit 1; fi

kernels: $(READY) ## the numerical tests as other processors compute
	$(BIN)/python scripts/kernels.py --own

check: $(READY) ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

fix: $(READY) ## put right what ruff can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# All that is generated, for a new analysis or a changed notebook; `golden` runs every notebook again.
generated: $(READY) ## what is generated: example data, notebooks, parameters, golden examples, sheets
	$(BIN)/python -m simulation
	$(BIN)/python scripts/from_signatures.py
	$(BIN)/python scripts/golden.py --behind
	$(BIN)/python -m scripts.sheets

notebooks: $(READY) ## parameters cells and docs/parameters.md from the signatures
	$(BIN)/python scripts/from_signatures.py

golden: $(READY) ## run the notebooks again for tests/golden/ (then read the difference)
	$(BIN)/python scripts/golden.py

example-data: $(READY) ## write the simulated example programme again, from its seed
	$(BIN)/python -m simulation

docs: $(READY) ## the site of the documentation, build/docs: opens by double-click
	$(BIN)/qieval run params/closing-the-gap
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build
	@echo "Open build/docs/index.html"

pictures: $(READY) ## the pictures of README and tutorial (needs Chromium)
	$(BIN)/python -m scripts.tutorial_workbook
	$(BIN)/python -m scripts.pictures

lab: $(READY) ## open JupyterLab
	$(BIN)/qieval lab

benchmarks: $(READY) ## the figures that the README quotes
	@set -e; for file in benchmarks/*.py; do echo "== $$file"; $(BIN)/python $$file; done

wheel: $(READY) ## dist/qieval-….whl
	$(BIN)/python -m build --wheel --no-isolation

COMPILE := uv pip compile --universal --python-version 3.11 --fork-strategy fewest \
    --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --quiet

lock: ## resolve both lock files again (needs uv and the network)
	$(COMPILE) pyproject.toml --extra dev --extra dask --extra pdf --extra weasyprint --extra word --extra desk -o requirements.lock
	python3 scripts/database_extras.py | $(COMPILE) - --constraints requirements.lock \
	    --no-annotate -o requirements-databases.lock

clean: ## remove the environment and what tools left; outputs/ stays
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	find . -name .ipynb_checkpoints -type d -prune -exec rm -rf {} +
