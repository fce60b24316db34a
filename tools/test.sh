#!/usr/bin/env bash
# Every tier, one summary. Under CI=true a tier that cannot run is a failure (conftest.py sees to it).
set -uo pipefail
cd "$(dirname "$0")/.."
status=0
tools/lint.sh || status=1
python tools/catalogue.py check || status=1
[ $status = 0 ] || echo "Style, types, arrows or catalogue: failed, see above." >&2
pytest -q --durations=15 "$@" || status=1
exit $status
