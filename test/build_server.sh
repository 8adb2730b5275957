#!/bin/bash
# Builds a PostgreSQL server with assertions, from the source that Debian has of
# the wanted major version, into a folder, installing nothing.
# usage: build_server.sh MAJOR FOLDER
# Afterwards FOLDER/usr/lib/postgresql/MAJOR/bin works from where it is.
# Exit code 77: this version cannot be had.
#
# What Debian's server does in silence with memory that was freed, with a plan
# or a relation that is used without being held, this one stops at.
set -euo pipefail

major=$1
root=$2

# shellcheck source=test/own_apt.sh
. "$(dirname "${BASH_SOURCE[0]}")/own_apt.sh"

# A release's newest minor version is among its security updates, if these are available.
security=$(sed -n 's/^Debian-Security //p' <<< "$targets" | head -n 1)
fetch_source() {
    use_suite deb-src "$@" &&
        (cd "$apt/debs" && apt-get -c "$apt/apt.conf" -qq --download-only source "postgresql-$major") >> "$apt/log" 2>&1
}
look_in() {
    { [ -n "$security" ] && fetch_source "$1-security" "$security"; } || fetch_source "$1"
}
find_suite

build=$root/build
mkdir "$build"
tar -C "$build" --strip-components 1 -xf "$apt"/debs/postgresql-"$major"_*.orig.tar.*

logged() {
    "$@" >> "$build/log" 2>&1 || {
        tail -n 20 "$build/log" >&2
        exit 1
    }
}

# Found by the programs from where they are: those in bin, and those of pgxs/src/test.
# shellcheck disable=SC2016
export LD_RUN_PATH='$ORIGIN/../lib:$ORIGIN/../../../..'

# Folders as Debian has them.  That freed memory is overwritten, and the ends of
# what was allocated are watched, comes with the assertions.
cd "$build"
logged ./configure --prefix=/usr --bindir="/usr/lib/postgresql/$major/bin" --libdir="/usr/lib/postgresql/$major/lib" \
    --datadir="/usr/share/postgresql/$major" --includedir="/usr/include/postgresql/$major" \
    --mandir="/usr/share/postgresql/$major/man" --disable-rpath --enable-debug --enable-cassert \
    --without-icu --without-readline --without-zlib --with-system-tzdata=/usr/share/zoneinfo \
    CFLAGS='-O1 -g -fno-omit-frame-pointer'
for part in . contrib src/test/isolation; do
    logged make -s -j "$(nproc)" -C "$part" MAKELEVEL=0
    logged make -s -C "$part" MAKELEVEL=0 DESTDIR="$root" install
done
cd "$root"
rm -rf "$build" "$apt"
