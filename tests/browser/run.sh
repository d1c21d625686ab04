#!/bin/sh
# usage: run.sh DEMO SCREENSHOTS: installs playwright-core from the lock file, then runs the browser tests.
set -eu
here=$(dirname "$0")
[ -d "$here/node_modules/playwright-core" ] || npm ci --prefix "$here" --no-audit --no-fund --ignore-scripts >/dev/null
exec node "$here/run.mjs" "$@"
