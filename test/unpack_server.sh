#!/bin/bash
# Unpacks a PostgreSQL server and its development files from the Debian release
# that has the wanted major version, into a folder, installing nothing.
# usage: unpack_server.sh MAJOR FOLDER
# Afterwards FOLDER/usr/lib/postgresql/MAJOR/bin works from where it is.
# Exit code 77: this version cannot be had.
set -euo pipefail

major=$1
root=$2
bin=$root/usr/lib/postgresql/$major/bin
pgxs=$root/usr/lib/postgresql/$major/lib/pgxs

# shellcheck source=test/own_apt.sh
. "$(dirname "${BASH_SOURCE[0]}")/own_apt.sh"

# List of packages, and with it the C library's version, if the suite has the server.
look_in() {
    use_suite deb "$1" &&
        apt-get -c "$apt/apt.conf" -qq -y --print-uris install \
            "postgresql-$major" "postgresql-client-$major" patchelf > "$apt/uris" 2>> "$apt/log"
}
find_suite

# The server runs on the newer of the two C libraries, so that both it and the
# extension, compiled against this machine's, find what they need.
candidate_libc=$(apt-cache -c "$apt/apt.conf" policy libc6 | sed -n 's/ *Candidate: //p')
libc=
if dpkg --compare-versions "$candidate_libc" gt "$(dpkg-query -W -f '${Version}' libc6)"; then
    libc=yes
fi

# The server's libraries, without the compiler behind the JIT, without Perl and
# all that a package needs only for being installed.
packages="postgresql-server-dev-$major"
while read -r _ file _; do
    package=${file%%_*}
    case $package in
        libllvm* | libz3* | libperl* | lib*-perl) ;;
        libc6) packages+=${libc:+ libc6} ;;
        postgresql-"$major" | postgresql-client-"$major" | patchelf | lib* | zlib1g) packages+=" $package" ;;
    esac
done < "$apt/uris"
# shellcheck disable=SC2086
(cd "$apt/debs" && apt-get -c "$apt/apt.conf" -qq download $packages) > "$apt/log" 2>&1 || {
    tail -n 5 "$apt/log" >&2
    cannot "the packages of PostgreSQL $major cannot be fetched"
}
for deb in "$apt"/debs/*.deb; do
    dpkg -x "$deb" "$root"
done

# Programs must use the libraries beside them instead of the machine's.
triplet=$(gcc -print-multiarch)
libraries=$root/usr/lib/$triplet:$root/lib/$triplet
if [ -n "$libc" ]; then
    loader=$(find "$root" -name 'ld-linux*.so*' -type f | head -n 1)
    patchelf=("$loader" --library-path "$libraries" "$root/usr/bin/patchelf" --set-interpreter "$loader")
else
    patchelf=(env LD_LIBRARY_PATH="$libraries" "$root/usr/bin/patchelf")
fi
for program in "$bin"/* "$pgxs"/src/test/{regress/pg_regress,isolation/pg_isolation_regress,isolation/isolationtester}; do
    if [ -f "$program" ] && [ ! -L "$program" ] && [ "$(head -c 4 "$program" | tail -c 3)" = ELF ]; then
        "${patchelf[@]}" --force-rpath --set-rpath "$libraries" "$program"
    fi
done

# Its LLVM was left out: without this file the server does without the JIT,
# with it the first expensive query fails.
rm -f "$root/usr/lib/postgresql/$major/lib/llvmjit.so"

# Flags that only a newer compiler than this machine's understands.
grep '^CFLAGS' "$pgxs/src/Makefile.global" | grep -oE -- ' -[Wf][a-z0-9=-]+' | sort -u | while read -r flag; do
    if ! gcc -Wformat "$flag" -x c -c -o /dev/null /dev/null 2> /dev/null; then
        sed -i -E "/^CFLAGS/s/ $flag( |\$)/\\1/" "$pgxs/src/Makefile.global"
    fi
done
# ... and a keyword that the headers do without if it is not declared there.
if ! echo 'int i; typeof_unqual(i) j;' | gcc -x c -fsyntax-only - 2> /dev/null; then
    sed -i '/^#define HAVE_TYPEOF_UNQUAL /d' "$root/usr/include/postgresql/$major/server/pg_config.h"
fi

rm -rf "$apt"
