#!/usr/bin/env bash
# Prints the path of a uv: the one on PATH, else ours in a private environment.
set -euo pipefail
cd "$(dirname "$0")/.."
if command -v uv >/dev/null; then command -v uv; exit; fi
if [ ! -x .venv-uv/bin/uv ]; then
  python=$(command -v python3.11 || command -v python3 || true)
  [ -n "$python" ] || { echo "Python 3.11 or newer is missing (Debian: apt-get install python3-venv)." >&2; exit 1; }
  if ! "$python" -m venv .venv-uv >/dev/null 2>&1; then
    rm -rf .venv-uv
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || { echo "Python's venv module is missing; as root: apt-get install python3-venv" >&2; exit 1; }
    echo "Installing python3-venv" >&2
    { apt-get update -qq && apt-get install -y -qq python3-venv; } >&2
    "$python" -m venv .venv-uv
  fi
  .venv-uv/bin/python -m pip install --quiet --disable-pip-version-check "uv>=0.9" >&2
fi
echo "$PWD/.venv-uv/bin/uv"
