#!/bin/sh
# Prepares what the end-to-end tests of Spark need: a Java runtime (on Debian, as root) and an environment with
# pyspark, into which the tests put the wheel that they build. Can be run again; what is there is kept.
#
#   tests/e2e/setup_spark.sh [DIR]      DIR, or $LEAKSCAN_E2E, or ~/.cache/leakscan-e2e
set -eu

dir=${1:-${LEAKSCAN_E2E:-$HOME/.cache/leakscan-e2e}}/spark
root=$(cd "$(dirname "$0")/../.." && pwd)

if ! command -v java >/dev/null; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends default-jre-headless >/dev/null
fi
if [ ! -e "$dir/ready" ]; then
    rm -rf "$dir"
    mkdir -p "$(dirname "$dir")"
    python3 -m venv "$dir"
    "$dir/bin/pip" install -q "$root[spark]"
    touch "$dir/ready"
fi
