#!/bin/sh
# Make .venv hold the packages of a lock file and this project, editable; with uv where there is one, else venv + pip.
# Usage: tools/venv.sh run|dev. Does nothing when that was done for the same lock file before.
set -eu
cd "$(dirname "$0")/.."
kind=$1
case $kind in
  run) lock=requirements.lock ;;
  dev) lock=requirements-dev.lock ;;
  *) echo "usage: tools/venv.sh run|dev" >&2; exit 2 ;;
esac
python=${PYTHON:-python3}
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
  echo "The console needs Python 3.11 or newer; $python is $("$python" --version 2>&1). Set PYTHON=/path/to/python3." >&2
  exit 1
}
# The development packages include those the console runs on.
wanted=$(cat requirements.lock requirements-dev.lock pyproject.toml | cksum | tr -d ' ')
for stamp in .venv/.console-dev ".venv/.console-$kind"; do
  if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then exit 0; fi
done
echo "Installing the packages of $lock into .venv …" >&2
if command -v uv >/dev/null 2>&1; then
  [ -x .venv/bin/python ] || uv venv -q --python "$python" .venv
  uv pip sync -q --python .venv/bin/python --require-hashes "$lock"
  uv pip install -q --python .venv/bin/python --no-deps --no-build-isolation -e .
else
  [ -x .venv/bin/python ] || "$python" -m venv .venv
  .venv/bin/python -m pip --version >/dev/null 2>&1 || .venv/bin/python -m ensurepip >/dev/null
  .venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r "$lock"
  .venv/bin/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
fi
rm -f .venv/.console-run .venv/.console-dev
printf %s "$wanted" > ".venv/.console-$kind"
