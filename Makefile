# Each target calls one thing. Start with: make demo, make test.
PYTHON ?= python3
BIN := .venv/bin
# The suites without a model, as in .github/workflows/evaluation.yml.
GATED := customer-service/retrieval education/retrieval medical/retrieval medical/records-retrieval summarise/retrieval translate/retrieval

.PHONY: demo test check integration gate browser console bench coverage install install-dev

demo: install
	@$(BIN)/ragstone demo

test: install-dev
	$(BIN)/python -m pytest --cov --cov-report=term:skip-covered

check: install-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	$(BIN)/lint-imports

integration: install-dev
	$(BIN)/ragstone models pull
	$(BIN)/python tests/integration/vllm/prepare.py
	$(BIN)/python -m pytest tests/integration

gate: install
	$(BIN)/ragstone models pull
	$(BIN)/ragstone index build --missing
	@for suite in $(GATED); do $(BIN)/ragstone eval gate $$suite || exit; done

browser: install-dev
	$(BIN)/python -m pytest tests/browser

console: install
	$(BIN)/ragstone console

bench: install-dev
	$(BIN)/python -m tests.benchmarks

install:
	@$(PYTHON) install.py

install-dev:
	@$(PYTHON) install.py --dev
