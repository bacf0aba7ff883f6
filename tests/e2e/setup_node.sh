#!/bin/sh
# Prepares what the end-to-end tests with clients from npm need: Node's packages in tests/e2e/node. Can be run
# again; what is there is kept.
set -eu
cd "$(dirname "$0")/node"

command -v npm >/dev/null || { echo "npm is not installed: the tests with clients from npm are skipped" >&2; exit 1; }
[ -d node_modules/winston-loki ] && [ -d node_modules/@fluent-org/logger ] || npm install --no-audit --no-fund --no-package-lock --loglevel=error
