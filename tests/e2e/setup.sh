#!/bin/sh
# Prepares what tests/e2e needs, from nothing, on Debian 12 as root: rsyslog installed, syslog-ng unpacked
# beside it (apt lets only one of the two be installed), and leakscan in an environment of Debian's own
# Python, which syslog-ng embeds. Can be run again: what is there is kept, but leakscan is installed anew.
#
#   tests/e2e/setup.sh [DIR]      DIR, or $LEAKSCAN_E2E, or ~/.cache/leakscan-e2e
set -eu

project=$(cd "$(dirname "$0")/../.." && pwd)
dir=${1:-${LEAKSCAN_E2E:-$HOME/.cache/leakscan-e2e}}
mkdir -p "$dir"

updated=
update() {
    if [ -z "$updated" ]; then
        apt-get update -qq
        updated=yes
    fi
}

if [ ! -x /usr/sbin/rsyslogd ]; then
    update
    # the tests start their own; a container has no use for a service
    apt-get install -qq -y --no-install-recommends rsyslog >/dev/null
fi

if [ ! -x "$dir/root/usr/sbin/syslog-ng" ]; then
    update
    rm -rf "$dir/debs" "$dir/root.new"
    mkdir -p "$dir/debs" "$dir/root.new"
    # apt downloads as a user of its own
    chmod 777 "$dir/debs"
    (cd "$dir/debs" && apt-get download -qq syslog-ng-core syslog-ng-mod-python \
        libivykis0 libnet1 libwrap0 libpython3.11 libjson-c5)
    for package in "$dir"/debs/*.deb; do
        dpkg -x "$package" "$dir/root.new"
    done
    rm -rf "$dir/root" "$dir/debs"
    mv "$dir/root.new" "$dir/root"
fi

# syslog-ng runs Debian's Python inside itself, so leakscan and what it needs must be built for that one
python=/usr/bin/python3
if [ ! -x "$python" ]; then
    update
    apt-get install -qq -y --no-install-recommends python3 >/dev/null
fi
if [ ! -x "$dir/venv/bin/pip" ]; then
    if ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
        update
        apt-get install -qq -y --no-install-recommends python3-venv >/dev/null
    fi
    rm -rf "$dir/venv"
    "$python" -m venv "$dir/venv"
fi
# always the project as it is now, and a copy of it: syslog-ng's Python knows no editable installs
rm -rf "$dir/project"
mkdir "$dir/project"
cp -R "$project/pyproject.toml" "$project/README.md" "$project/LICENSE" "$project/detector" "$project/patterns" \
    "$dir/project"
"$dir/venv/bin/pip" install -q --disable-pip-version-check "$dir/project"
"$dir/venv/bin/pip" install -q --disable-pip-version-check --force-reinstall --no-deps "$dir/project"
rm -rf "$dir/project"
echo "$dir"
