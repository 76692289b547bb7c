#!/bin/sh
# Installs one service with shared alone in a fresh environment and runs its tests: an import of a sibling dies there.
set -eu
cd "$(dirname "$0")/../.."
service=${1:-}
if [ ! -f "services/$service/pyproject.toml" ]; then
    echo "check-isolation: SERVICE is one of" services/*/ >&2
    exit 2
fi
alone=$(mktemp -d)
trap 'rm -rf "$alone"' EXIT
.venv/bin/python -m venv "$alone"
pip="env PIP_DISABLE_PIP_VERSION_CHECK=1 $alone/bin/python -m pip install -qq --no-deps"
$pip --require-hashes --only-binary :all: -r requirements.lock
$pip --no-build-isolation --no-index --editable ./shared --editable "./services/$service"
"$alone/bin/python" -m pytest -p no:cacheprovider "services/$service/tests"
