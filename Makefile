# Everything a newcomer needs: `make demo`, `make test`. Run `make help` for the list.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
SCENARIO ?= authorised-delivery

.PHONY: help demo simulate test check format bench bench-speech bench-conversation clean
.DEFAULT_GOAL := help

help: ## show what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-18s %s\n", $$1, $$2}'

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Ramal needs Python 3.11 or later; this is $$($(PYTHON) --version). Try: make PYTHON=python3.12 demo" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) \
	  || { echo "Could not make a virtual environment. On Debian or Ubuntu: apt install python3-venv" >&2; exit 1; }

# A stamp per set of dependencies, so that the second `make demo` starts at once.
$(VENV)/.demo: pyproject.toml | $(BIN)/python
	@echo "Installing Ramal for the demo (once, about a minute) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --use-pep517 --editable '.[demo]'
	@touch $@

$(VENV)/.dev: pyproject.toml | $(BIN)/python
	@echo "Installing Ramal with what its tests need (once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --use-pep517 --editable '.[dev]'
	@touch $@ $(VENV)/.demo

demo: $(VENV)/.demo ## one whole doorman call on this machine (SCENARIO=denied-visit for another)
	@$(BIN)/ramal demo --scenario $(SCENARIO) $(ARGS)

simulate: $(VENV)/.demo ## every shipped scenario as a real call; leaves build/simulation.html
	@$(BIN)/ramal simulate --min-success 95 --report build/simulation.html $(ARGS)

# Tests mostly wait for calls in real time: three processes take two thirds of the time of two, on
# two cores, and share nothing but caches.
TESTERS ?= 3

test: $(VENV)/.dev ## the whole suite, with a real PostgreSQL and a real Asterisk
	@$(BIN)/python -m pytest -n $(TESTERS) --dist loadfile $(ARGS)

check: $(VENV)/.dev ## format, lint, types and import contracts
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(VENV)/.dev ## put the code into its format
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: $(VENV)/.dev ## the figures at the wire, against their targets
	@$(BIN)/python -m bench $(ARGS)

bench-speech: $(VENV)/.dev ## each speech engine at 1 to 16 streams (ARGS="--quick" for a minute)
	@$(BIN)/python -m bench.speech $(ARGS)

bench-conversation: $(VENV)/.dev ## turn-taking and understanding (ARGS="--quick" for a minute)
	@$(BIN)/python -m bench.conversation --json build/conversation.json \
	  --picture build/turn-ends.html $(ARGS)

clean: ## remove the virtual environment and what the demo left
	rm -rf $(VENV) var build *.egg-info
