#!/bin/bash
# Links within the README, the pages in doc/ and the other Markdown files lead to a
# file that is there and, behind #, to a heading in it.
set -euo pipefail

cd "$(dirname "$0")/../.."

# The anchors of a page, as Git hosts make them of its headings.
anchors() {
    awk '/^```/ { code = !code } !code && /^#+ / {
        sub(/^#+ /, "")
        $0 = tolower($0)
        gsub(/\[|\]\([^)]*\)/, "")
        gsub(/[^a-z0-9_ -]/, "")
        gsub(/ /, "-")
        print $0 (seen[$0]++ ? "-" seen[$0] - 1 : "")
    }' "$1"
}

# links PAGE: what stands in (...) behind [...], or in src="...", outside of code.
links() {
    awk '/^```/ { code = !code } !code && !/^    / { gsub(/`[^`]*`/, ""); print }' "$1" |
        grep -oE '\]\([^)]*\)|src="[^"]*"' | sed -E 's/^\]\(([^) ]*).*\)$/\1/; s/^src="(.*)"$/\1/' || true
}

wrong=0
count=0
for page in *.md doc/*.md bench/*.md; do
    for link in $(links "$page"); do
        case $link in http://* | https://*) continue ;; esac
        count=$((count + 1))
        file=${link%%#*}
        if [ -z "$file" ]; then
            file=$page
        else
            file=$(dirname "$page")/$file
        fi
        if [ ! -e "$file" ]; then
            echo "$page: there is no $link"
            wrong=1
        elif [[ $link == *'#'* ]] && ! grep -qxF -e "${link#*#}" <(anchors "$file"); then
            echo "$page: there is no heading for $link"
            wrong=1
        fi
    done
done
[ "$count" -gt 0 ] || { echo "there are no links"; wrong=1; }
[ "$wrong" != 0 ] || echo "$count links lead to where they should"
exit $wrong
