#!/usr/bin/env bash
# Compares a GPU with the processor on a machine that has one: numbers of every small architecture, training, a ranking, a find, a model of 1.1
# billion random weights with timings. Needs no network and no Maven; a failing part does not stop the others, and nothing runs past six minutes.
# docs/howto/gpu.md says what the engine needs to use a GPU.
#
#   OUT=FOLDER bench/gpu-check.sh       all results in FOLDER/gpu-check.txt, one JSON document for each part beside it (default: target/gpu-check)
#
#   GPU_CHECK_JAVA     the Java machine (default: of JAVA_HOME, else java)
#   GPU_CHECK_CP       class path with modelpatch and its libraries (default: what ./patch has built); with compiled bench/GpuCheck.java in it where
#                      that Java machine has no compiler (bench/gpu-bundle.sh makes such a folder)
#   GPU_CHECK_OPTS     further options of the Java machine
#   GPU_CHECK_DEVICE   the device (default: gpu); cpu compares the processor with itself, to try the script
#   GPU_CHECK_MODEL    a model folder, ranked too
#   GPU_CHECK_PROMPTS  its clean prompt, corrupted prompt and answer, separated by | (default: the capitals of France and Spain)
#   GPU_CHECK_CASES    how many known cases the find takes (default: 300)
#   GPU_CHECK_BLOCKS   of the random model (default: 22)
#   GPU_CHECK_SECONDS  for all parts together (default: 350)
set -u
cd "$(dirname "$0")/.."
out=${OUT:-target/gpu-check}
device=${GPU_CHECK_DEVICE:-gpu}
java=${GPU_CHECK_JAVA:-${JAVA_HOME:+$JAVA_HOME/bin/}java}
budget=${GPU_CHECK_SECONDS:-350}
mkdir -p "$out"
out=$(cd "$out" && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/gpu-check.XXXXXX")
trap 'rm -rf "$work"' EXIT
report=$out/gpu-check.txt
: >"$report"

classes=${GPU_CHECK_CP:-}
if [ -z "$classes" ]; then
    classes=$(sed -n '2s/^"\(.*\)"$/\1/p' target/launcher/start.args 2>/dev/null)
    [ -n "$classes" ] || { echo "gpu-check: nothing is built: run ./patch doctor, or set GPU_CHECK_CP" >&2; exit 2; }
fi
export OMP_WAIT_POLICY=passive ORT_DISABLE_TELEMETRY=1
# shellcheck disable=SC2086 # a list of options
start() { "$java" -Xmx6g -Xss4m -XX:+UseSerialGC -Dai.djl.offline=true -Dmodelpatch.home="$PWD" ${GPU_CHECK_OPTS:-} -cp "$classes" "$@"; }
patch() { start modelpatch.cli.PatchCli "$@"; }
if "$java" --list-modules 2>/dev/null | grep -q '^jdk.compiler'; then
    check() { start bench/GpuCheck.java "$@"; }
else
    check() { start GpuCheck "$@"; }
fi

say() { printf '%s\n' "$*" | tee -a "$report"; }

# part NAME SECONDS FUNCTION ARGUMENT...: its output goes into NAME.json, what it says beside it into NAME.err.
part() {
    local name=$1 limit=$2 left=$((budget - SECONDS)) begun=$SECONDS code
    shift 2
    if [ "$left" -lt 5 ]; then
        say "== $name: not run, the time is up"
        return 1
    fi
    [ "$limit" -lt "$left" ] || limit=$left
    ( "$@" >"$out/$name.json" 2>"$out/$name.err" ) &
    local child=$!
    ( sleep "$limit"; pkill -TERM -P "$child"; sleep 2; pkill -KILL -P "$child" ) >/dev/null 2>&1 &
    local watch=$!
    wait "$child"
    code=$?
    { pkill -P "$watch"; kill "$watch"; wait "$watch"; } 2>/dev/null
    say "== $name: exit code $code, $((SECONDS - begun)) s"
    [ -s "$out/$name.err" ] && head -c 3000 "$out/$name.err" >>"$report"
    [ -s "$out/$name.err" ] || rm -f "$out/$name.err"
    return $code
}
shown() { # the beginning of a part's document in the report
    [ -s "$out/$1.json" ] && head -c "${2:-6000}" "$out/$1.json" >>"$report" && echo >>"$report"
}

say "gpu-check: $(uname -sm), $(nproc) cores, device $device, $(date -u +%Y-%m-%dT%H:%M:%SZ)"
say "PYTORCH_LIBRARY_PATH=${PYTORCH_LIBRARY_PATH:-} PYTORCH_VERSION=${PYTORCH_VERSION:-} PYTORCH_FLAVOR=${PYTORCH_FLAVOR:-}"
say "TF32: TORCH_ALLOW_TF32_CUBLAS_OVERRIDE=${TORCH_ALLOW_TF32_CUBLAS_OVERRIDE:-unset} NVIDIA_TF32_OVERRIDE=${NVIDIA_TF32_OVERRIDE:-unset}"
command -v nvidia-smi >/dev/null && nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader 2>&1 | tee -a "$report"
failed=0

part doctor 60 patch doctor --device "$device" --json || failed=$((failed + 1))
shown doctor
part conformance 120 check conformance "$device" models/default src/test/resources/conformance src/test/resources/conformance2 || failed=$((failed + 1))
shown conformance 200000
part training 60 check training "$device" src/test/resources/conformance/llama || failed=$((failed + 1))
shown training

# rank NAME MODEL CLEAN CORRUPTED TARGET
rank() {
    local name=$1
    shift
    part "$name-cpu" 60 patch rank --model "$1" --clean "$2" --corrupted "$3" --target "$4" --json || failed=$((failed + 1))
    part "$name-gpu" 60 patch rank --model "$1" --clean "$2" --corrupted "$3" --target "$4" --json --device "$device" || failed=$((failed + 1))
    part "$name-heads" 30 check heads "$out/$name-cpu.json" "$out/$name-gpu.json" || failed=$((failed + 1))
    shown "$name-heads"
}
rank rank default "The home country of Daldburg is" "The home country of the capital of Skornora is" Wornia
if [ -n "${GPU_CHECK_MODEL:-}" ]; then
    prompts=${GPU_CHECK_PROMPTS:-The capital of France is|The capital of Spain is|Paris}
    IFS='|' read -r clean corrupted answer <<<"$prompts"
    rank rank-model "$GPU_CHECK_MODEL" "$clean" "$corrupted" "$answer"
fi

if part random 60 check random "$work/large" models/default "${GPU_CHECK_BLOCKS:-22}"; then
    shown random
    part large 150 check large "$device" "$work/large" || failed=$((failed + 1))
    shown large
    part large-cli 60 patch logits --model "$work/large" --ids 5,17,300,4000 --last --top 5 --json --device "$device" || failed=$((failed + 1))
    shown large-cli 2000
else
    failed=$((failed + 1))
fi
rm -rf "$work/large"

cases=${GPU_CHECK_CASES:-300}
part find-gpu 100 patch find --max-cases "$cases" --output "$work/gpu.json" --json --quiet --device "$device" || failed=$((failed + 1))
part find-cpu 60 patch find --max-cases "$cases" --output "$work/cpu.json" --json --quiet || failed=$((failed + 1))
part find 30 check findings "$out/find-cpu.json" "$out/find-gpu.json" || failed=$((failed + 1))
shown find
gzip -f "$out"/find-?pu.json 2>/dev/null

say "parts that failed: $failed; $SECONDS s"
[ "$failed" -eq 0 ]
