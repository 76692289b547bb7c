#!/bin/sh
# Writes requirements.lock from requirements.in and every package's pyproject.toml: all systems, with hashes, without
# any index address. Pins already in the lock are kept; `make lock UPGRADE=--upgrade` takes newer ones.
set -eu
cd "$(dirname "$0")/../.."
UV_PYTHON_DOWNLOADS=never
export UV_PYTHON_DOWNLOADS

packages=$(mktemp)
trap 'rm -f "$packages"' EXIT
cat requirements.in > "$packages"
for project in shared/pyproject.toml deploy/local/pyproject.toml gateway/pyproject.toml services/*/pyproject.toml; do
    if [ -f "$project" ]; then echo "-e ./$(dirname "$project")" >> "$packages"; fi
done
.venv/bin/python -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
    --fork-strategy fewest --no-header --no-annotate --no-emit-index-url --no-emit-find-links \
    --output-file requirements.lock $* - < "$packages" > /dev/null
# Our own packages are installed from the checkout, not from the lock.
sed '/^-e /d' requirements.lock > "$packages"
cat "$packages" > requirements.lock
