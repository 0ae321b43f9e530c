#!/usr/bin/env bash
# Builds .venv with the CPU stack: `scripts/setup.sh`, or with the GPU stack: `scripts/setup.sh gpu`.
# uv does the work; what pip is configured with (index, local wheels, certificate) is handed on to it.
set -euo pipefail
cd "$(dirname "$0")/.."
stack="${1:-cpu}"

fail() { echo "setup: $*" >&2; exit 1; }

python="${PYTHON:-}"
if [ -z "$python" ]; then
  for candidate in python3.11 python3.12 python3; do
    # Where a virtual environment is active, the interpreter below it.
    python="$("$candidate" -c 'import sys
if (3, 11) <= sys.version_info[:2] <= (3, 12): print(sys._base_executable)' 2>/dev/null)" && [ -n "$python" ] && break
  done
fi
[ -n "$python" ] || fail "needs Python 3.11 or 3.12; name one with PYTHON=/path/to/python"
fingerprint="$("$python" --version) $stack $(cat pyproject.toml constraints/* scripts/setup.sh | cksum)"
if [ -x .venv/bin/rlvr ] && [ "$(cat .venv/.fingerprint 2>/dev/null)" = "$fingerprint" ]; then
  exit 0
fi

"$python" -m pip --version >/dev/null 2>&1 || fail "$python has no pip; on Debian: apt-get install python3-pip"
command -v g++ >/dev/null 2>&1 || command -v c++ >/dev/null 2>&1 || fail "needs a C++ compiler; on Debian: apt-get install g++"

. scripts/pip_settings.sh

if command -v uv >/dev/null 2>&1; then
  uv=uv
else
  uv=.uv/bin/uv
  if [ ! -x "$uv" ]; then
    echo "setup: installing uv"
    "$python" -m pip install --quiet --disable-pip-version-check --target .uv uv
  fi
fi

backend=()
if [ "$stack" = cpu ] && ! ls ${find_links:-/nowhere}/torch-*+cpu-*.whl >/dev/null 2>&1; then
  backend=(--torch-backend cpu)
fi

echo "setup: installing the $stack stack into .venv (about 4 GB)"
[ -x .venv/bin/python ] || "$uv" venv --quiet --python "$(command -v "$python")" .venv
"$uv" pip install --python .venv/bin/python "${backend[@]}" \
  --overrides "constraints/$stack-overrides.txt" --constraints "constraints/$stack.txt" \
  --editable ".[$stack,dev]"
echo "$fingerprint" > .venv/.fingerprint
echo "setup: done; try .venv/bin/rlvr --help"
