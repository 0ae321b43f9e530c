.PHONY: setup quickstart test lint bench openrlhf

setup:            ## build .venv with the CPU stack
	@scripts/setup.sh

quickstart: setup ## train SmolLM2-135M by asynchronous RL on sums
	@.venv/bin/rlvr models fetch smollm2-135m
	@.venv/bin/rlvr launch quickstart --run-dir runs/quickstart $(ARGS)

lint: setup       ## format, lint, types, floors
	@.venv/bin/ruff format --no-cache --check .
	@.venv/bin/ruff check --no-cache .
	@.venv/bin/mypy
	@.venv/bin/lint-imports --no-cache

test: lint        ## everything that CI runs
	@.venv/bin/python -m pytest -m "not slow and not gpu and not openrlhf" $(ARGS)

bench: setup      ## measure against the baselines; one row with ROW=name
	@.venv/bin/python -m tests.benchmarks $(if $(ROW),--row $(ROW)) $(ARGS)

openrlhf: setup   ## OpenRLHF beside the stack, as the oracle for losses
	@scripts/openrlhf.sh
