#!/usr/bin/env bash
# The Python environment of the project, exactly as requirements.lock says.
set -euo pipefail
cd "$(dirname "$0")/.."
uv=$(tools/uv.sh)
python=$(command -v python3.11 || command -v python3)
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; $("$python" --version) was found." >&2; exit 1; }
[ -x .venv/bin/python ] || "$uv" venv --quiet --no-project --python "$python" .venv
"$uv" pip sync --quiet --python .venv/bin/python requirements.lock
"$uv" pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation -e .
