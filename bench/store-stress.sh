#!/bin/bash
# Eight processes import, sign, verify and revert in one store for some seconds: no false alarm, nothing lost, every reported success is there.
#   bench/store-stress.sh MODEL LORA [SECONDS]      MODEL: a checkpoint; LORA: an adapter of it; from the project's folder
set -u
export PATCH_JAVA_OPTS="-XX:TieredStopAtLevel=1 ${PATCH_JAVA_OPTS:-}"
model=$(realpath "$1") lora=$(realpath "$2") seconds=${3:-60}
patch=$(realpath "$(dirname "$0")/../patch")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
mkdir keys
for k in 1 2; do "$patch" sign --new-key --key keys/$k.key --signer s$k >/dev/null 2>&1 || exit 1; done
# patches to begin with, all of the same adapter: whatever is at the bottom of the store stands in the way of no other
"$patch" import --lora "$lora" --model "$model" --patches store --author first --reason begin >/dev/null 2>&1 || exit 1
first=$(echo store/*.patch.safetensors)
end=$(($(date +%s) + seconds))
run() { # name, what a success is: the command's exit code and output are kept
    local who=$1
    shift
    "$patch" "$@" >"$who.last" 2>&1
    local code=$?
    echo "$code $*" >>"$who.done"
    [ $code -le 2 ] || cp "$who.last" "fault.$who.$RANDOM"
    cat "$who.last" >>"$who.out"
    return $code
}
importer() {
    for ((i = 0; $(date +%s) < end; i++)); do
        if run "i$1" import --lora "$lora" --model "$model" --patches store --author "i$1" --reason "round $i"; then
            echo "i$1 round $i" >>imported
        fi
    done
}
signer() {
    for ((i = 0; $(date +%s) < end; i++)); do
        if run "s$1" sign "$first" --patches store --key "keys/$1.key" --signer "s$1"; then echo "s$1" >>signed; fi
    done
}
reverter() {
    while [ "$(date +%s)" -lt $end ]; do
        id=$(ls store | grep 'patch.safetensors$' | grep -v "$(basename "$first")" | sed 's/.*-\([0-9a-f]*\)\.patch.*/\1/' | head -1)
        if [ -n "$id" ] && run "r$1" revert "$id" --patches store --reason stress; then echo "$id" >>reverted; fi
    done
}
verifier() { while [ "$(date +%s)" -lt $end ]; do run "v$1" log --verify --patches store; done; }
importer 1 & importer 2 &
signer 1 & signer 2 &
reverter 1 & reverter 2 &
verifier 1 & verifier 2 &
wait
touch imported signed reverted
commands=$(cat ./*.done | wc -l)
alarms=$(grep -hciE 'ledger was changed|changed after|was tampered' ./*.out | awk '{n += $1} END {print n + 0}')
faults=$(grep -h '^3 \|^[1-9][0-9]' ./*.done | wc -l)
lost=0
while read -r who word round; do # "i1 round 7" stands in the ledger as author and reason
    grep -q "\"author\":\"$who\",\"reason\":\"$word $round\"" store/ledger.jsonl || lost=$((lost + 1))
done <imported
while read -r id; do grep '"action":"revert"' store/ledger.jsonl | grep -q "$id" || lost=$((lost + 1)); done <reverted
twice=$(grep '"action":"revert"' store/ledger.jsonl | grep -o '"id":"[0-9a-f]*' | sort | uniq -d | wc -l)
for s in $(sort -u signed); do grep -aq "signer[^,]*\b$s\b" "$first" || lost=$((lost + 1)); done
"$patch" log --verify --patches store >last 2>&1
code=$?
echo "$commands commands in $seconds s: $(wc -l <imported) imports, $(wc -l <signed) signatures, $(wc -l <reverted) reverts reported; ledger of $(wc -l <store/ledger.jsonl) lines"
echo "false alarms $alarms, exit codes above 2 $faults, successes that are not in the store $lost, reverted twice $twice, final verify exit $code, temporaries $(ls -a store | grep -c '\.tmp$')"
cut -d' ' -f1,2 ./*.done | sort | uniq -c
[ $alarms = 0 ] && [ "$faults" = 0 ] && [ $lost = 0 ] && [ "$twice" = 0 ] && [ $code = 0 ]
