#!/usr/bin/env bash
# Installs OpenRLHF beside the stack in .venv, as the oracle for losses: `scripts/openrlhf.sh`.
# Without its dependencies, because it pins other versions of the stack; the tests bring stand-ins for flash-attn.
set -euo pipefail
cd "$(dirname "$0")/.."

fail() { echo "openrlhf: $*" >&2; exit 1; }
[ -x .venv/bin/python ] || fail "no .venv here; run make setup first"
uv="$(command -v uv || echo .uv/bin/uv)"
[ -x "$uv" ] || fail "no uv; run make setup first"

python="${PYTHON:-$(command -v python3.11 || command -v python3.12 || command -v python3)}"
. scripts/pip_settings.sh

"$uv" pip install --quiet --python .venv/bin/python --no-deps openrlhf==0.11.2 peft pylatexenc torchdata
echo "openrlhf: done; run .venv/bin/python -m pytest -m openrlhf"
