# Part of with_cluster.sh: the distribution's packages.
# Variables are shared with it.
# shellcheck shell=bash disable=SC2034,SC2154

# Set while apt runs, for clean_up.
installing=
no_main_cluster=

system() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# Debian's server package makes and starts a cluster named main when installed,
# unless told otherwise.
cluster_settings=/etc/postgresql-common/createcluster.d
forbid_main_cluster() {
    no_main_cluster=$cluster_settings/nps-$$.conf
    system mkdir -p "$cluster_settings"
    echo 'create_main_cluster = false' | system tee "$no_main_cluster" > /dev/null
}
allow_main_cluster() {
    [ -n "$no_main_cluster" ] || return 0
    system rm -f "$no_main_cluster"
    dpkg -S "$cluster_settings" > /dev/null 2>&1 ||
        system rmdir --ignore-fail-on-non-empty "$cluster_settings"
    no_main_cluster=
}

# Option DPkg::Lock::Timeout covers dpkg's lock, but not that of the lists.
apt_get() {
    local status
    for _ in {1..300}; do
        status=0
        installing=yes
        system env LC_ALL=C DEBIAN_FRONTEND=noninteractive \
            apt-get -q -y -o DPkg::Lock::Timeout=600 "$@" > "$tmp/log" 2>&1 3<&- 9<&- &
        child=$!
        wait "$child" || status=$?
        installing=
        child=
        if [ "$status" = 0 ] || ! grep -qE 'Could not get lock|Unable to lock' "$tmp/log"; then
            return "$status"
        fi
        sleep 2
    done
    return 1
}

missing() {
    local package
    for package in "$@"; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2> /dev/null)" = installed ] ||
            echo "$package"
    done
}

# Installs those that are missing; where that cannot be done, $why_not says why.
try_to_install() {
    local wanted
    wanted=$(missing "$@" | tr '\n' ' ')
    [ -n "$wanted" ] || return 0
    why_not="missing packages, and no right to install them; as root: apt-get install $wanted"
    [ "$(id -u)" = 0 ] || command -v sudo > /dev/null || return 1
    why_not="sudo does not let this user install: $wanted"
    [ "$(id -u)" = 0 ] || sudo -v || return 1

    # One run at a time: another may be installing the same just now.
    exec 9< /var/lib/dpkg
    if ! flock --nonblock 9; then
        say "waiting for another run that installs packages"
        flock 9 &
        wait $!
    fi
    wanted=$(missing "$@" | tr '\n' ' ')
    why_not=
    if [ -n "$wanted" ]; then
        say "installing packages: $wanted"
        forbid_main_cluster
        # shellcheck disable=SC2086
        if ! apt_get install --no-install-recommends $wanted; then
            # Most likely the lists are older than the mirror.
            apt_get update || true
            # shellcheck disable=SC2086
            apt_get install --no-install-recommends $wanted || why_not="cannot install: $wanted"
        fi
        allow_main_cluster
    fi
    exec 9<&-
    [ -z "$why_not" ]
}
install_packages() {
    try_to_install "$@" || {
        [ ! -s "$tmp/log" ] || cat "$tmp/log" >&2
        die "$why_not"
    }
}

# What only some tests use, and do without where it cannot be had.
test_tools=(valgrind clang libclang-rt-dev faketime python3-psycopg2 chromium fonts-dejavu-core pgbouncer)
install_test_tools() {
    local package
    for package in "${test_tools[@]}"; do
        try_to_install "$package" || say "going on without $package: $why_not"
    done
}

# The newest PostgreSQL that is installed with all that building for it takes.
installed_major() {
    local folder
    for folder in /usr/lib/postgresql/*/; do
        if [ -x "$folder/bin/initdb" ] && [ -e "$folder/lib/pgxs/src/makefiles/pgxs.mk" ]; then
            basename "$folder"
        fi
    done | sort -n | tail -n 1
}

# The major version that this release of Debian or Ubuntu comes with; nothing
# while apt has no lists.
distribution_major() {
    { apt-cache depends postgresql 2> /dev/null || true; } |
        sed -n 's/.*Depends: postgresql-\([0-9]*\)$/\1/p' | head -n 1
}
