#!/bin/sh
# usage: run.sh SCRIPT ARGUMENTS...: installs playwright-core from the lock file, then runs that script of this folder.
set -eu
here=$(dirname "$0")
[ -d "$here/node_modules/playwright-core" ] || npm ci --prefix "$here" --no-audit --no-fund --ignore-scripts >/dev/null
script=$1
shift
exec node "$here/$script" "$@"
