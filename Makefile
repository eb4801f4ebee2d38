# The one entry for people and for machines: every target works from a fresh clone with Python >= 3.11 alone.
# What must not go in: anything the program itself should do (that is `enrolment …`), or an address of the network.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules
SHELL := /bin/sh

PORT ?= 8000
WORKERS ?= 2
PYTEST_ARGS ?=
# What "make test" runs of the tests. CI runs more: see .ci/run.
MARKS ?= not slow and not again
# Databases and files of tests live in memory where there is room (MB): a copy of one takes 20 ms there, 500 on a disk.
SCRATCH := $(shell free=$$(df -Pm /dev/shm 2>/dev/null | awk 'NR == 2 { print $$4 }'); \
    if [ "$${free:-0}" -ge 6000 ] && [ -w /dev/shm ]; then echo /dev/shm; else echo "$${TMPDIR:-/tmp}"; fi)
PYTEST = TMPDIR=$(SCRATCH) $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

VENV := .venv
BIN := $(VENV)/bin
TOOLS := .tools
# Wheels only: an installation never runs somebody else's build script, and needs no compiler.
PIP := -m pip --disable-pip-version-check --quiet install --no-deps --require-hashes --only-binary=:all:

# A stamp bears a checksum of all that decides what is installed, the place included: a checkout that changes none
# of it installs nothing, whatever the dates of its files.
RUN_STAMP := $(VENV)/.installed-run-$(shell { pwd; cat pyproject.toml requirements.lock; } | cksum | cut -d ' ' -f 1)
DEV_STAMP := $(VENV)/.installed-dev-$(shell { pwd; cat pyproject.toml requirements-dev.lock; } | cksum | cut -d ' ' -f 1)
TOOLS_STAMP := $(TOOLS)/.installed-$(shell { pwd; cat requirements-tools.lock; } | cksum | cut -d ' ' -f 1)

# Makes the virtual environment $(1) with the first Python found that is recent enough and can make one.
define make_venv
if ! $(1)/bin/python -m pip --version >/dev/null 2>&1; then \
    chosen=; \
    for candidate in "$(PYTHON)" python3 python3.14 python3.13 python3.12 python3.11 python; do \
        [ -n "$$candidate" ] || continue; \
        if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 \
            && "$$candidate" -c 'import ensurepip, venv' >/dev/null 2>&1; \
        then chosen=$$candidate; break; fi; \
    done; \
    if [ -z "$$chosen" ]; then \
        echo "Python 3.11 ou plus récent, avec son module venv, est nécessaire et n'a pas été trouvé." >&2; \
        echo "Python 3.11 or later with its venv module is needed and was not found." >&2; \
        echo "  Debian, Ubuntu: apt-get install python3 python3-venv" >&2; \
        echo "  Fedora: dnf install python3          macOS: brew install python" >&2; \
        echo "  Elsewhere on this machine: make PYTHON=/path/to/python3 <target>" >&2; \
        exit 1; \
    fi; \
    "$$chosen" -m venv --clear $(1); \
fi
endef

define install_project
$(BIN)/python -m pip --disable-pip-version-check --quiet install --no-deps --no-index --no-build-isolation --editable .
endef

##@ Use

.PHONY: help
help: ## Show this help.
	@awk 'BEGIN { FS = ":.*## " } \
	    /^##@ / { printf "\n%s\n", substr($$0, 5) } \
	    /^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile
	@printf '\nPORT=%s is the port of "make run"; PYTHON=… names another Python; PYTEST_ARGS=… goes to pytest.\n' $(PORT)

.PHONY: run
run: $(RUN_STAMP) ## Install if needed, then serve the demo on http://127.0.0.1:8000 (PORT=… for another port).
	@exec $(BIN)/enrolment serve --demo --port $(PORT)

##@ Prove

.PHONY: test
test: lint chromium ## Install from nothing, check the code, run the tests of every day.
	$(PYTEST) -m "$(MARKS)" $(PYTEST_ARGS)

.PHONY: test-long
test-long: lint chromium audit sbom ## The same with all tests, slow ones and second engines too, the audit of dependencies and the SBOM.
	$(PYTEST) $(PYTEST_ARGS)

.PHONY: lint
lint: $(DEV_STAMP) ## Style, types, walls between the rooms, generated documents.
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy
	$(BIN)/lint-imports
	$(BIN)/enrolment docs --check

.PHONY: bench
bench: $(DEV_STAMP) ## Measure speed against the limits written in bench/.
	$(BIN)/python -m bench

.PHONY: audit
audit: $(TOOLS_STAMP) ## Look the locked packages up in the database of known weaknesses.
	@mkdir -p build && rm -f build/audit.json
	@$(TOOLS)/bin/pip-audit --progress-spinner off --require-hashes --disable-pip --requirement requirements.lock \
	    --format json --output build/audit.json 2>build/audit.log || { \
	    if [ -s build/audit.json ]; then echo "A locked package has a known weakness: see build/audit.json." >&2; exit 1; fi; \
	    echo "NOT AUDITED: the database of weaknesses is out of reach from here. Run 'make audit' where it is reachable."; }

.PHONY: sbom
sbom: $(TOOLS_STAMP) ## Write build/sbom.cdx.json: what the program is made of, in CycloneDX form.
	@rm -rf build/runtime && mkdir -p build
	@$(TOOLS)/bin/python -m venv --without-pip build/runtime
	@$(TOOLS)/bin/python -m pip --python build/runtime/bin/python --disable-pip-version-check --quiet \
	    install --no-deps --require-hashes --only-binary=:all: --requirement requirements.lock
	@$(TOOLS)/bin/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible \
	    --output-file build/sbom.cdx.json build/runtime/bin/python
	@rm -rf build/runtime && echo "build/sbom.cdx.json is written."

##@ Change

.PHONY: format
format: $(DEV_STAMP) ## Put the code in its form, repair what can be repaired.
	$(BIN)/python -m ruff check --fix .
	$(BIN)/python -m ruff format .

.PHONY: docs
docs: $(DEV_STAMP) ## Write the generated documents again.
	$(BIN)/enrolment docs

.PHONY: docs-images
docs-images: $(DEV_STAMP) chromium ## Take the pictures of the README and of the guides again.
	$(BIN)/python -m tests.browser.shots

.PHONY: lock
# A pin changes only where it must; with UPGRADE=--upgrade all move to their newest version.
lock: COMPILE = $(TOOLS)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
    --no-emit-index-url --custom-compile-command "make lock" $(UPGRADE)
lock: $(TOOLS_STAMP) ## Pin the dependencies again with their hashes (UPGRADE=--upgrade for the newest versions).
	$(COMPILE) pyproject.toml --group build --output-file requirements.lock
	$(COMPILE) pyproject.toml --group build --group dev --constraint requirements.lock --output-file requirements-dev.lock
	$(COMPILE) --group tools --output-file requirements-tools.lock

.PHONY: clean
clean: ## Remove all that can be made again; the data in var/ stays.
	rm -rf $(VENV) $(TOOLS) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Below: what the targets above need.

$(RUN_STAMP):
	@$(call make_venv,$(VENV))
	@echo "Installing the locked packages; the first time takes a minute."
	@$(BIN)/python $(PIP) --requirement requirements.lock
	@$(install_project)
	@rm -f $(VENV)/.installed-run-* && touch $@

$(DEV_STAMP):
	@$(call make_venv,$(VENV))
	@echo "Installing the locked packages; the first time takes a minute."
	@$(BIN)/python $(PIP) --requirement requirements-dev.lock
	@$(install_project)
	@rm -f $(VENV)/.installed-run-* $(VENV)/.installed-dev-* && touch $@ $(RUN_STAMP)

$(TOOLS_STAMP):
	@$(call make_venv,$(TOOLS))
	@$(TOOLS)/bin/python $(PIP) --requirement requirements-tools.lock
	@rm -f $(TOOLS)/.installed-* && touch $@

.PHONY: chromium
chromium:
	@found() { command -v chromium || command -v chromium-browser || command -v google-chrome; }; \
	if found >/dev/null; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "Installing Chromium for the browser tests."; \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium; \
	    apt-get install -y -qq --no-install-recommends chromium-l10n || true; \
	fi; \
	if ! found >/dev/null; then \
	    echo "Les tests de navigateur ont besoin de Chromium : « sudo apt-get install chromium », puis « make test »." >&2; \
	    echo "The browser tests need Chromium on PATH: 'sudo apt-get install chromium', then 'make test' again." >&2; \
	    exit 1; \
	fi
