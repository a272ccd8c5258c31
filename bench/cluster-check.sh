#!/usr/bin/env bash
# Whether a cluster of processes finds what one machine finds, to the byte (seconds aside): undisturbed, with an executor killed in the middle, and
# with the driver killed in the middle and --resume after it. Needs what ./patch needs; Spark's jars come through Maven.
#   bench/cluster-check.sh [CASES]     known cases that are asked for (default 200)
set -euo pipefail
cd "$(dirname "$0")/.."
home=$PWD
cases=${1:-200}
master='local-cluster[2,1,1024]'

place=$(mktemp -d)
driver=
trap 'if [ -n "$driver" ]; then kill -9 "$driver" 2>/dev/null || true; fi; rm -rf "$place"' EXIT
mkdir "$place/work"
cd "$place/work"

# user and system seconds of the command and all that it started, then wall
TIMEFORMAT='%U + %S CPU s, %R s'
say() { printf '%-58s %s\n' "$1" "$2"; }
find_with() { "$home/patch" find -q --max-cases "$cases" "$@" >/dev/null; }
said() { sed '/^  "seconds" : {/,/^  }/d' "$1"; }
same() {
    if cmp -s <(said here.json) <(said "$2"); then say "$1" "the same bytes"; else say "$1" "OTHER BYTES"; exit 1; fi
}
kept() { find findings/.kept -name '[0-9a-f]*.json' 2>/dev/null | wc -l; }

time find_with --output here.json
[ "$(said here.json | wc -l)" -lt "$(wc -l <here.json)" ] || { echo "the findings have no seconds to leave out" >&2; exit 1; }
say "this machine" "$(sha256sum < <(said here.json) | cut -c 1-16)"

time find_with --output threads.json --cluster 'local[2]'
same "local[2]" threads.json

# Processes of a cluster are started from the layout of an installed Spark.
export SPARK_HOME=$place/spark SPARK_SCALA_VERSION=2.13
mkdir -p "$SPARK_HOME/jars"
tr ':' '\n' <"$home/spark/target/classpath.txt" | sort >"$place/ours"
tr ':' '\n' <"$home/spark/target/classpath-with-spark.txt" | sort | comm -23 - "$place/ours" | xargs ln -s -t "$SPARK_HOME/jars"

time find_with --output cluster.json --cluster "$master"
same "$master" cluster.json

# Starts a find in the background and waits until some pieces are kept.
begin() {
    setsid "$home/patch" find --max-cases "$cases" --cluster "$master" --output "$1" >"$place/out" 2>"$place/err" &
    driver=$!
    while [ "$(kept)" -lt 3 ]; do
        kill -0 "$driver" 2>/dev/null || { cat "$place/err" >&2; echo "it ended before it could be disturbed" >&2; exit 1; }
        sleep 0.1
    done
}
# Executors of this Spark alone: they have its jars on their class path.
executors() { for pid in $(pgrep -f "$SPARK_HOME/jars.*CoarseGrainedExecutorBackend" || true); do echo "$pid"; done; }

begin executor.json
victim=$(executors | head -n 1)
kill -9 "$victim"
wait "$driver"
driver=
grep -m 1 'lost executor' "$place/err" || { echo "no executor was lost" >&2; exit 1; }
same "an executor killed" executor.json

begin driver.json
kill -9 "$driver"
wait "$driver" 2>/dev/null || true
driver=
pieces=$(kept)
[ ! -e driver.json ] || { echo "the driver had ended" >&2; exit 1; }
find_with --resume --output driver.json --cluster "$master"
same "the driver killed after $pieces pieces, --resume" driver.json
sleep 2
[ -z "$(executors)" ] || { echo "executors outlive their driver: $(executors)" >&2; exit 1; }
