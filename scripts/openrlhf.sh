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
pip_setting() {
  "$python" -m pip config list 2>/dev/null |
    sed -n "s/^\(:env:\.\|global\.\|install\.\)$1='\(.*\)'$/\2/p" | tail -n 1 | sed 's/\\n/ /g'
}
find_links="$(pip_setting find-links)"; index="$(pip_setting index-url)"; certificate="$(pip_setting cert)"
[ -z "$find_links" ] || export UV_FIND_LINKS="${UV_FIND_LINKS:-${find_links// /,}}"
[ -z "$index" ] || export UV_DEFAULT_INDEX="${UV_DEFAULT_INDEX:-$index}"
[ -z "$certificate" ] || export SSL_CERT_FILE="${SSL_CERT_FILE:-$certificate}"

"$uv" pip install --quiet --python .venv/bin/python --no-deps openrlhf==0.11.2 peft pylatexenc torchdata
echo "openrlhf: done; run .venv/bin/python -m pytest -m openrlhf"
