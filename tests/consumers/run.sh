#!/bin/sh
# usage: run.sh EMIT READ: installs the two npm packages from the lock file, then runs the comparison.
set -eu
here=$(dirname "$0")
[ -d "$here/node_modules/tough-cookie" ] && [ -d "$here/node_modules/playwright-core" ] ||
    npm ci --prefix "$here" --no-audit --no-fund --ignore-scripts >/dev/null
exec node "$here/run.mjs" "$@"
