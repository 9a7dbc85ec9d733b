#!/bin/sh
# See that there is a Chromium for the browser tests; install it where that is possible, else say what to install.
set -eu
if [ -n "${CONSOLE_TEST_CHROMIUM:-}" ] && [ -x "$CONSOLE_TEST_CHROMIUM" ]; then exit 0; fi
for name in chromium chromium-browser google-chrome google-chrome-stable chrome; do
  if command -v "$name" >/dev/null 2>&1; then exit 0; fi
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "Installing Chromium for the browser tests …" >&2
  apt-get install -y -q chromium >/dev/null 2>&1 || { apt-get update -q >/dev/null && apt-get install -y -q chromium >/dev/null; }
  exit 0
fi
if .venv/bin/playwright install chromium >/dev/null 2>&1; then exit 0; fi
echo "The browser tests need Chromium: install it (Debian, Ubuntu: sudo apt-get install chromium)," >&2
echo "or set CONSOLE_TEST_CHROMIUM=/path/to/chromium." >&2
exit 1
