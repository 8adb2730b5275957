# Part of unpack_server.sh and build_server.sh: packages of another Debian release.
# An apt of its own: its lists, its idea of what is installed (nothing), its cache.  It works in the folder $apt.
# The caller sets $major and $root, defines look_in SUITE, and calls find_suite.
# shellcheck shell=bash disable=SC2154

apt=$root/apt

cannot() {
    echo "$*" >&2
    exit 77
}

case $major in
    15) suites='bookworm' ;;
    17) suites='trixie' ;;
    *) suites='forky sid experimental' ;;
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

# The machine's proxy settings still apply, its hooks do not.  Packages must be
# signed as ever, but a mirror frozen at some earlier day will do.
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
Dir::Etc::preferences "$apt/preferences";
Dir::Etc::preferencesparts "/dev/null";
APT::Sandbox::User "";
APT::Install-Recommends "false";
APT::Get::AllowUnauthenticated "false";
Acquire::Check-Valid-Until "false";
Acquire::Languages "none";
Acquire::Retries "3";
EOF

# The lists of a suite: of its packages (deb), or of their sources (deb-src).
use_suite() { # deb|deb-src SUITE [MIRROR]
    echo "$1 [signed-by=$keyring] ${3-$mirror} $2 main" > "$apt/sources.list"
    # experimental is no release: what PostgreSQL there needs beside it is in sid
    if [ "$2" = experimental ]; then
        echo "$1 [signed-by=$keyring] $mirror sid main" >> "$apt/sources.list"
        printf 'Package: %s\nPin: release a=experimental\nPin-Priority: 990\n' "src:postgresql-$major" > "$apt/preferences"
    fi
    apt-get -c "$apt/apt.conf" -qq update > "$apt/log" 2>&1
}

find_suite() {
    local suite
    for suite in $suites; do
        if look_in "$suite"; then return; fi
    done
    tail -n 3 "$apt/log" >&2
    cannot "PostgreSQL $major is not among the Debian packages that can be reached ($suites)"
}
