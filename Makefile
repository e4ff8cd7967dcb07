# Callboard's errands. Every target installs by itself when the lock or pyproject.toml has changed.
# PYTHON names the interpreter for the environment, ARGS goes to the command behind a target.

PYTHON ?= python3
ARGS ?=
# Much of what tests do is to wait; a folder is over before more workers than cores have begun.
AT_ONCE ?= $(shell cores=$$(getconf _NPROCESSORS_ONLN); echo $$((cores < 4 ? cores + $(if $(findstring tests/,$(ARGS)),0,2) : 4)))
BIN := .venv/bin
INSTALLED := .venv/.installed
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url --no-emit-find-links $(ARGS)

.DEFAULT_GOAL := help
.PHONY: help install demo test check bench chaos lock sbom clean

help: ## Print this list.
	@echo 'make TARGET [ARGS="..."] [PYTHON=python3.12]'
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  \1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r target says; \
		do printf '%-10s %s\n' "$$target" "$$says"; done

install: $(INSTALLED) ## Make .venv from the lock, with Callboard in it, editable.

demo: $(INSTALLED) ## Run Callboard with the sandbox and an example plan: no accounts needed.
	$(BIN)/callboard demo $(ARGS)

# Workers, and servers that are measured, would each compile everything where the environment forbids to keep it.
test bench chaos: export PYTHONDONTWRITEBYTECODE =
# On some virtual machines most of the time goes into pages of memory: with huge ones, where Linux gives them, two thirds of it.
ifneq ($(shell grep -sE '\[(always|madvise)\]' /sys/kernel/mm/transparent_hugepage/enabled),)
test check chaos: export PYTHONMALLOC = malloc
test check chaos: export GLIBC_TUNABLES = glibc.malloc.hugetlb=1
endif
test: $(INSTALLED) ## Run the tests, for example ARGS="-k blocker".
	$(BIN)/pytest --numprocesses $(AT_ONCE) --dist worksteal $(ARGS)

check: $(INSTALLED) ## Lint, format, types, import contracts, and whether the manifest is up to date.
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/callboard manifest --check manifest.yml

bench: $(INSTALLED) ## Measure Callboard on this machine.
	$(BIN)/python -m benchmarks $(ARGS)

chaos: $(INSTALLED) ## Kill, freeze and cut off replicas under load, then check what is left: ARGS="--seconds 60 --seed 7".
	$(BIN)/python -m tests.chaos $(ARGS)

lock: $(INSTALLED) ## Resolve the dependencies again; ARGS=--upgrade takes newer versions.
	$(COMPILE) --group dev --output-file requirements/dev.lock pyproject.toml
	$(COMPILE) --extra forecast --extra tracing --constraint requirements/dev.lock --output-file requirements/runtime.lock pyproject.toml
	$(COMPILE) --constraint requirements/dev.lock --output-file requirements/tools.lock --group tools

sbom: $(INSTALLED) ## Write the software bill of materials, CycloneDX, to dist/sbom.json.
	@mkdir -p dist
	$(BIN)/python requirements/sbom.py >dist/sbom.json

clean: ## Remove the environment, caches and the demo's state.
	rm -rf .venv .demo .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache build dist
	find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

# pip installs the tools, uv among them, by hash; uv installs the rest in seconds, where pip takes more than a minute.
# pip does it nevertheless where uv cannot, for instance because only pip is configured for the local mirror.
$(INSTALLED): pyproject.toml requirements/tools.lock requirements/dev.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Callboard needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>/dev/null || echo not here)." \
			"Name another one: make $(or $(MAKECMDGOALS),install) PYTHON=python3.12" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --no-compile --require-hashes --no-deps -r requirements/tools.lock
	$(BIN)/uv pip sync --quiet --compile-bytecode --python $(BIN)/python --require-hashes requirements/dev.lock || \
		$(BIN)/python -m pip install --quiet --require-hashes --no-deps -r requirements/dev.lock
	$(BIN)/python -m pip install --quiet --no-build-isolation --no-deps --editable .
	@touch $@
