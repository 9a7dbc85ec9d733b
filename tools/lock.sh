#!/bin/sh
# Compile the lock files anew from pyproject.toml. Needs uv.
set -eu
cd "$(dirname "$0")/.."
compile() {
  uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header pyproject.toml --group "$1" -o "$2"
}
compile build requirements.lock
compile dev requirements-dev.lock
