#!/bin/sh
# Creates .venv and installs the locked packages and our own, editable. Costs nothing when neither the lock nor a
# pyproject.toml moved since the last time. Plain pip, so that a site's pip.conf or mirror is honoured.
# PYTHON names another interpreter. Everything is said on stderr: stdout belongs to the target that needs the install.
set -eu
cd "$(dirname "$0")/../.."
exec >&2

fail() { echo "install: $1"; exit 1; }

find_python() {
    for candidate in ${PYTHON:-python3.11 python3.12 python3.13 python3.14 python3}; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            python=$candidate
            return
        fi
    done
    [ -z "${PYTHON:-}" ] || fail "PYTHON=$PYTHON is not Python 3.11 or later"
    fail "Python 3.11 or later is needed and was not found; install it, or name it: make install PYTHON=/path/to/python"
}

create_venv() {
    find_python
    "$python" -c 'import ensurepip, venv' 2>/dev/null \
        || fail "$python has no venv module; install it (Debian, Ubuntu: apt install python3-venv)"
    echo "install: creating .venv with $("$python" --version)"
    "$python" -m venv --clear .venv
}

projects=$(ls shared/pyproject.toml deploy/local/pyproject.toml gateway/pyproject.toml services/*/pyproject.toml 2>/dev/null || true)
# The folder counts: scripts and editable installs hold its path, and a copied checkout must not run another's code.
state="$(cat requirements.lock $projects | cksum) $(pwd)"
installed=$(cat .venv/.installed 2>/dev/null || echo "none $(pwd)")
if [ -x .venv/bin/python ] && [ "$installed" = "$state" ]; then exit 0; fi

case "$installed" in *" $(pwd)") ;; *) rm -rf .venv ;; esac
.venv/bin/python -m pip --version >/dev/null 2>&1 || create_venv
echo "install: the locked packages (once, and again when the lock changes)"
pip="env PIP_DISABLE_PIP_VERSION_CHECK=1 .venv/bin/python -m pip install -qq --no-deps"
$pip --no-compile --require-hashes --only-binary :all: -r requirements.lock
# On all cores, where pip would use one. A template of another Python version in some wheel may not compile.
.venv/bin/python -m compileall -qq -j 0 .venv/lib || true
editables=""
for project in $projects; do editables="$editables --editable ./$(dirname "$project")"; done
$pip --no-build-isolation --no-index $editables
echo "$state" > .venv/.installed
