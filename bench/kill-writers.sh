#!/bin/bash
# Kills every kind of writer in the middle, also in process namespaces where all have the number 1: whatever is there is the old file or the
# new one, the store verifies, and the next run leaves no temporary file.
#   bench/kill-writers.sh MODEL LORA [KILLS]       needs unshare for half of them; MODEL: a checkpoint; LORA: an adapter of it
set -u
model=$(realpath "$1") lora=$(realpath "$2") kills=${3:-400}
patch=$(realpath "$(dirname "$0")/../patch")
export PATCH_JAVA_OPTS="-XX:TieredStopAtLevel=1 ${PATCH_JAVA_OPTS:-}"
facts=$(realpath "$(dirname "$0")/../models/default/facts.tsv") relations=$(realpath "$(dirname "$0")/../models/default/relations.yaml")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
"$patch" import --lora "$lora" --model "$model" --patches store --author first --reason begin >/dev/null 2>&1 || exit 1
first=$(echo "$work"/store/*.patch.safetensors)
"$patch" sign --new-key --key "$work/a.key" --signer ada >/dev/null 2>&1
writer() { # prints one of the command lines that write
    case $(($1 % 5)) in
    0) echo import --lora "$lora" --model "$model" --patches "$work/store" --author killed --reason "round $1" ;;
    1) echo sign "$first" --patches "$work/store" --key "$work/a.key" --signer ada ;;
    2) echo export --model "$model" --patch "$first" --format safetensors --out "$work/out$1" ;;
    3) echo cases compose --facts "$facts" --relations "$relations" --output "$work/cases.jsonl" ;;
    4) echo export --model "$model" --patch "$first" --format onnx --out "$work/onnx$1" ;;
    esac
}
"$patch" $(writer 3) >/dev/null 2>&1
cp cases.jsonl whole.jsonl
# how long a writer takes, so that the kill comes inside of it
begin=$(date +%s%N)
"$patch" $(writer 2) --out "$work/timed" >/dev/null 2>&1
took=$((($(date +%s%N) - begin) / 1000000))
half=0 dead=0 ended=0
for ((i = 0; i < kills; i++)); do
    if ((i % 2)); then setsid unshare -pf --kill-child --mount-proc "$patch" $(writer $i) >/dev/null 2>&1 & else setsid "$patch" $(writer $i) >/dev/null 2>&1 & fi
    pid=$!
    wait=$((took * (30 + RANDOM % 90) / 100))
    sleep "$(printf '%d.%03d' $((wait / 1000)) $((wait % 1000)))"
    if kill -0 $pid 2>/dev/null; then dead=$((dead + 1)); else ended=$((ended + 1)); fi
    kill -KILL -- -$pid 2>/dev/null
    wait $pid 2>/dev/null
    # the old file or the new one
    cmp -s cases.jsonl whole.jsonl || { half=$((half + 1)); echo "cases.jsonl after kill $i is neither"; }
    for out in out$i onnx$i; do
        [ ! -e $out ] || [ -e $out/modelpatch.json ] || { half=$((half + 1)); echo "$out after kill $i has no manifest: $(ls $out)"; }
    done
    rm -rf out$i onnx$i
    if ((i % 20 == 19)); then
        "$patch" log --verify --patches store >verify 2>&1 || { half=$((half + 1)); cat verify; }
    fi
done
# the next run of each writer
for ((i = 1000; i < 1005; i++)); do "$patch" $(writer $i) >/dev/null 2>&1; done
"$patch" log --verify --patches store >verify 2>&1 || { half=$((half + 1)); cat verify; }
left=$(find . -name '*.tmp' | wc -l)
echo "$kills writers: $dead killed while they ran, $ended had ended; half-written or inconsistent $half; temporaries after the next run $left"
find . -name '*.tmp'
[ $half = 0 ] && [ "$left" = 0 ]
