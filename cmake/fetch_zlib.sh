#!/bin/sh
# SPDX-License-Identifier: MIT
#
#     cmake/fetch_zlib.sh DIRECTORY
#
# Puts the sources of Debian's zlib into DIRECTORY, for builds that cannot use a zlib built by others: under
# MemorySanitizer, and for other platforms (cmake/zlib.cmake).  apt-get fetches and verifies them, with lists and a cache
# of its own beside DIRECTORY: neither /etc/apt nor what apt knows of the system is touched.  Needs no root.
set -eu

if test $# != 1; then
    echo "usage: $0 DIRECTORY" >&2
    exit 2
fi
if test -f "$1/zlib.h"; then
    exit 0
fi
if ! command -v apt-get >/dev/null; then
    echo "$0: no apt-get; unpack the sources of zlib 1.2.11 or later in $1" >&2
    exit 2
fi
release=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
mkdir -p "$1"
target=$(cd "$1" && pwd)
work=$target.fetched
rm -rf "$work"
mkdir -p "$work/lists/partial" "$work/cache/archives/partial"
cd "$work"
echo "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian $release main" \
    >sources.list

apt() {
    apt-get -q -o Dir::Etc::sourcelist="$work/sources.list" -o Dir::Etc::sourceparts=/dev/null \
        -o Dir::State::lists="$work/lists" -o Dir::Cache="$work/cache" -o APT::Sandbox::User=root "$@"
}

apt update
apt source --download-only zlib
mkdir unpacked
tar -xf zlib_*.orig.tar.* -C unpacked --strip-components=1
test -f unpacked/zlib.h
rm -rf "$target"
mv unpacked "$target"
cd /
rm -rf "$work"
