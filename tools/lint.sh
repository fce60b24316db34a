#!/usr/bin/env bash
# What a machine can say of the style: ruff, mypy, import arrows, TypeScript.
set -euo pipefail
cd "$(dirname "$0")/.."
ruff check --quiet .
ruff format --check --quiet .
mypy --no-error-summary
lint-imports | tail -n 12
if command -v npm >/dev/null; then npm run --silent check; fi
