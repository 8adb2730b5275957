#!/bin/bash
# Fuzzing: what has no server in it (tallies, statistics, working time, the rules of cases) and what reads a score or
# a tally, with the server's part of it played by test/fuzz/server.h.  A target is test/fuzz/NAME.c; it says what must
# hold of every input.  Addresses and undefined behaviour are watched.
#
# Each target runs on all inputs kept in test/fuzz/corpus/NAME.hex, one a line, and then for a while on what libFuzzer
# makes of them.  Without clang and its fuzzer the kept inputs, cut at every length, are all there is, and the system's
# compiler does.
#
#   NPS_FUZZ_SECONDS=...  how long each target is fuzzed (2 if it is not set)
#   NPS_FUZZ_FOUND=...    a folder that is there, to which NAME.hex is written: as few inputs as reach all that was reached
set -uo pipefail
[ -z "${NPS_ONCE-}" ] || { echo "tested on another version"; exit 77; }

tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
seconds=${NPS_FUZZ_SECONDS:-2}
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
targets=()
for file in "$tree"/test/fuzz/*.c; do
    name=$(basename "$file" .c)
    [ "$name" = replay ] || targets+=("$name")
done

# What a target does not call of a source file of nps is not there; a call of it would end the run.
common=(-std=gnu11 -g -O1 -fno-omit-frame-pointer -no-pie "-Wl,--unresolved-symbols=ignore-all"
    -fno-sanitize-recover=all -Wall -Wextra -Werror -isystem "$("${PG_CONFIG:-pg_config}" --includedir-server)")
watched=address,undefined
compiler=
for candidate in clang $(compgen -c clang- | grep -E '^clang-[0-9]+$' | sort -rV); do
    if echo 'int LLVMFuzzerTestOneInput(const char *data, unsigned long size) { return data && size > 99; }' |
        "$candidate" -fsanitize="fuzzer,$watched" -x c -o "$tmp/probe" - 2> /dev/null && "$tmp/probe" -runs=2 2> /dev/null; then
        compiler=$candidate
        break
    fi
done
build() {
    if [ -n "$compiler" ]; then
        "$compiler" "${common[@]}" -fsanitize="fuzzer,$watched" -o "$tmp/$1" "$tree/test/fuzz/$1.c" -lm
    else
        # it warns of variables that a jump could spoil, though nobody changes them
        "${CC:-cc}" "${common[@]}" -Wno-clobbered -fsanitize="$watched" -o "$tmp/$1" "$tree/test/fuzz/$1.c" "$tree/test/fuzz/replay.c" -lm
    fi
}
fail() {
    echo "$*"
    exit 1
}
for ((i = 0; i < ${#targets[@]}; i += 2)); do
    build "${targets[i]}" &
    [ -z "${targets[i + 1]-}" ] || build "${targets[i + 1]}" || fail "${targets[i + 1]} cannot be built"
    wait $! || fail "${targets[i]} cannot be built"
done

total=0
kept=0
for target in "${targets[@]}"; do
    corpus=$tmp/corpus/$target
    found=$tmp/found/$target
    mkdir -p "$corpus" "$found"
    inputs=0
    while read -r line; do
        inputs=$((inputs + 1))
        # shellcheck disable=SC2059,SC2001
        printf "$(sed 's/../\\x&/g' <<< "$line")" > "$corpus/$inputs"
    done < "$tree/test/fuzz/corpus/$target.hex"
    [ "$inputs" -ge 10 ] || fail "$inputs kept inputs of $target are too few"
    if [ -n "$compiler" ]; then
        command=("$tmp/$target" -max_total_time="$seconds" -max_len=600 -timeout=20 -rss_limit_mb=2048 -print_final_stats=1
            -artifact_prefix="$tmp/" "$found" "$corpus")
    else
        command=("$tmp/$target" "$corpus")
    fi
    if ! "${command[@]}" > "$tmp/log" 2>&1; then
        # of a finding, the input comes last, in base64
        grep -vE '^#[0-9]+|# Uses:' "$tmp/log" | tail -n 40
        fail "$target: there is an input on which it fails"
    fi
    executed=$(sed -nE 's/^stat::number_of_executed_units: *([0-9]+)$/\1/p; s/^Done ([0-9]+) runs$/\1/p' "$tmp/log" | tail -n 1)
    [ "${executed:-0}" -ge "$inputs" ] || fail "$target: ${executed:-no} executions of $inputs inputs"
    if [ -n "$compiler" ] && [ -n "${NPS_FUZZ_FOUND-}" ]; then
        mkdir "$tmp/fewest"
        "$tmp/$target" -set_cover_merge=1 -max_len=300 "$tmp/fewest" "$found" "$corpus" > "$tmp/log" 2>&1 ||
            fail "what was found of $target cannot be merged"
        for file in "$tmp"/fewest/*; do
            od -An -v -tx1 "$file" | tr -d ' \n'
            echo
        done | LC_ALL=C sort > "$NPS_FUZZ_FOUND/$target.hex"
        rm -r "$tmp/fewest"
        echo "$target: $executed executions, $(wc -l < "$NPS_FUZZ_FOUND/$target.hex") inputs reach all"
    fi
    total=$((total + executed))
    kept=$((kept + inputs))
done
echo "${#targets[@]} targets, $kept kept inputs, $total executions with nothing found; ${compiler:+fuzzed, built by }${compiler:-replayed only: there is no clang with libFuzzer}"
