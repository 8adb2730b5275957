#!/bin/bash
# Unpacks a PostgreSQL server and its development files from the Debian release
# that has the wanted major version, into a folder, installing nothing.
# usage: unpack_server.sh MAJOR FOLDER
# Afterwards FOLDER/usr/lib/postgresql/MAJOR/bin works from where it is.
# Exit code 77: this version cannot be had.
set -euo pipefail

major=$1
root=$2
apt=$root/apt
bin=$root/usr/lib/postgresql/$major/bin
pgxs=$root/usr/lib/postgresql/$major/lib/pgxs

cannot() {
    echo "$*" >&2
    exit 77
}

case $major in
    15) suites='bookworm' ;;
    17) suites='trixie' ;;
    *) suites='forky sid' ;;
esac

keyring=/usr/share/keyrings/debian-archive-keyring.gpg
[ -r "$keyring" ] || cannot "no $keyring to check Debian's packages with"

# Packages come from wherever this machine gets its Debian packages.  Labels
# are known only after an apt-get update; without, leave out what is not the
# main archive.
# shellcheck disable=SC2016
targets=$(apt-get indextargets --format '$(LABEL) $(REPO_URI)' 'Created-By: Packages')
mirror=$(sed -n 's/^Debian //p' <<< "$targets" | head -n 1)
[ -n "$mirror" ] || mirror=$(cut -d ' ' -f 2 <<< "$targets" | grep -m 1 '/debian/*$') ||
    cannot "apt knows no Debian mirror"

# An apt of its own: its lists, its idea of what is installed (nothing), its
# cache.  The machine's proxy settings still apply, its hooks do not.  Packages
# must be signed as ever, but a mirror frozen at some earlier day will do.
mkdir -p "$apt"/{lists/partial,cache/archives/partial,debs}
: > "$apt/status"
cat > "$apt/apt.conf" << EOF
#clear APT::Update;
#clear DPkg;
Dir::State "$apt";
Dir::State::lists "$apt/lists";
Dir::State::status "$apt/status";
Dir::Cache "$apt/cache";
Dir::Etc::sourcelist "$apt/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
APT::Sandbox::User "";
APT::Install-Recommends "false";
APT::Get::AllowUnauthenticated "false";
Acquire::Check-Valid-Until "false";
Acquire::Languages "none";
Acquire::Retries "3";
EOF

# Version of the C library and list of packages, if the suite has the server.
look_in() {
    echo "deb [signed-by=$keyring] $mirror $1 main" > "$apt/sources.list"
    apt-get -c "$apt/apt.conf" -qq update > "$apt/log" 2>&1 || return 1
    apt-get -c "$apt/apt.conf" -qq -y --print-uris install \
        "postgresql-$major" "postgresql-client-$major" patchelf > "$apt/uris" 2>> "$apt/log"
}
suite=
for s in $suites; do
    if look_in "$s"; then
        suite=$s
        break
    fi
done
[ -n "$suite" ] || {
    tail -n 3 "$apt/log" >&2
    cannot "PostgreSQL $major is not among the Debian packages that can be reached ($suites)"
}

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

rm -rf "$apt"
