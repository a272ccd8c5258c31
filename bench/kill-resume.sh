#!/usr/bin/env bash
# Kills a find by SIGKILL at a random moment and lets --resume go on, again and again: the findings have the bytes of an uninterrupted find each time
# (seconds aside), and nothing that was kept stays behind.
#   bench/kill-resume.sh [KILLS] [SEED]     default 200 and 1; Ctrl-C ends it with what was seen so far
set -uo pipefail
cd "$(dirname "$0")/.."
patch=$PWD/patch kills=${1:-200} seed=${2:-1}
options=(-q --max-cases 30 --max-mediated 4)

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place" || exit 1
stop=
trap 'stop=1' INT TERM

said() { sed '/^  "seconds" : {/,/^  }/d' "$1"; }
kept() { find findings/.kept -name '[0-9a-f]*.json' 2>/dev/null | wc -l; }
milliseconds() { echo $(($(date +%s%N) / 1000000)); }

"$patch" find "${options[@]}" --output whole.json >/dev/null || exit 1
[ "$(said whole.json | wc -l)" -lt "$(wc -l <whole.json)" ] || { echo "the findings have no seconds to leave out" >&2; exit 1; }
begun=$(milliseconds)
"$patch" find "${options[@]}" --output whole.json >/dev/null || exit 1
took=$(($(milliseconds) - begun))

RANDOM=$seed
dead=0 ended=0 with=0 pieces=0 other=0 left=0
while [ -z "$stop" ] && ((dead < kills)); do
    rm -f killed.json
    setsid "$patch" find "${options[@]}" --output killed.json >/dev/null 2>&1 &
    pid=$!
    wait=$((took * (RANDOM % 1000) / 1000))
    sleep "$(printf '%d.%03d' $((wait / 1000)) $((wait % 1000)))"
    kill -KILL -- -$pid 2>/dev/null
    wait $pid 2>/dev/null
    code=$?
    if ((code != 137)); then ended=$((ended + 1)); continue; fi
    dead=$((dead + 1))
    count=$(kept)
    ((count == 0)) || { with=$((with + 1)); pieces=$((pieces + count)); }
    setsid "$patch" find "${options[@]}" --resume --output killed.json >/dev/null 2>err || cat err
    cmp -s <(said killed.json) <(said whole.json) || { other=$((other + 1)); echo "other bytes after kill $dead"; }
    [ ! -e findings/.kept ] || { left=$((left + 1)); echo "left behind after kill $dead: $(find findings/.kept)"; }
    ((dead % 10)) || echo "$dead kills so far"
done
echo "$dead kills (seed $seed), $with of them with pieces kept (mean $(awk -v n="$pieces" -v of="$with" 'BEGIN { printf "%.1f", of ? n / of : 0 }')); $ended finds had ended;" \
    "other bytes after --resume: $other; left behind: $left"
((other == 0 && left == 0))
