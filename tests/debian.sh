#!/bin/sh
# Installs the Debian packages that tests drive, when run as root on Debian; says what is missing elsewhere.
set -eu
PACKAGES="chromium chromium-headless-shell fonts-inter prometheus prometheus-alertmanager prometheus-node-exporter nginx-light haproxy mariadb-server"
missing=""
for package in $PACKAGES; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q "ok installed" || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
else
    echo "tests that need these Debian packages will be skipped:$missing" >&2
fi
