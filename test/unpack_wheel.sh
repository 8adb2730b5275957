#!/bin/bash
# Unpacks a PostgreSQL server that no Debian release has from a package of PyPI that holds one, with its development files,
# into a folder, installing nothing.
# usage: unpack_wheel.sh MAJOR FOLDER
# Afterwards FOLDER/usr/lib/postgresql/MAJOR/bin works from where it is.  It has neither contrib nor ICU, SSL or a JIT.
# Exit code 77: this version cannot be had.
set -euo pipefail

major=$1
root=$2

cannot() {
    echo "$*" >&2
    exit 77
}

case $major in
    # PostgreSQL 16.2
    16) package=pgserver==0.1.4 hash=sha256:d595789b47624a3d963aa9aa6359da9be31beb7e61f1a45541953242068b8813 ;;
    *) cannot "no package of PyPI is known to hold PostgreSQL $major" ;;
esac
[ "$(uname -m)" = x86_64 ] || cannot "the package that holds PostgreSQL $major is for x86_64"
python3 -m pip --version > /dev/null 2>&1 || cannot "PostgreSQL $major comes from PyPI, which takes python3 with pip"

work=$root/wheel
mkdir -p "$work" "$root/usr/lib/postgresql" "$root/usr/share/postgresql"
echo "$package --hash=$hash" > "$work/requirements"
python3 -m pip download --quiet --no-deps --require-hashes --only-binary :all: --platform manylinux2014_x86_64 --python-version 3.11 \
    --dest "$work" --requirement "$work/requirements" > "$work/log" 2>&1 || {
    tail -n 3 "$work/log" >&2
    cannot "$package cannot be fetched"
}
python3 -m zipfile -e "$work"/*.whl "$work/files"
mv "$work/files/pgserver/pginstall" "$root/usr/lib/postgresql/$major"
# beside it, where its programs look for libpq
mv "$work/files/pgserver.libs" "$root/usr/lib/"
chmod +x "$root/usr/lib/postgresql/$major"/bin/* "$root/usr/lib/postgresql/$major"/lib/postgresql/pgxs/src/test/*/*
rm -rf "$work"
