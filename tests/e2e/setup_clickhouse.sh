#!/bin/sh
# Prepares what the sidecar's end-to-end tests need on Debian 12, as root: ClickHouse (its server is not
# started; the tests run one of their own on loopback), promtool, and Chromium for the status page. Can be run again; what is there is kept.
set -eu

missing=
command -v clickhouse-server >/dev/null || missing="$missing clickhouse-server clickhouse-client"
command -v chromium >/dev/null || missing="$missing chromium"
command -v promtool >/dev/null || missing="$missing prometheus"
if [ -n "$missing" ]; then
    # services must not start here
    policy=/usr/sbin/policy-rc.d
    made=
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod 755 "$policy"
        made=yes
    fi
    trap '[ -z "$made" ] || rm -f "$policy"' EXIT
    apt-get update -qq
    # shellcheck disable=SC2086 # a list of packages
    DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $missing >/dev/null
fi
