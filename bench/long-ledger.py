"""Lengthens the ledger of a store to so many lines, each with details as long as a real one's, so that appending to it can be timed.

    python3 bench/long-ledger.py STORE 50000; /usr/bin/time -v ./patch revert ID --patches STORE --reason timed
"""
import hashlib
import json
import pathlib
import sys

store, wanted = pathlib.Path(sys.argv[1]), int(sys.argv[2])
ledger = store / "ledger.jsonl"
lines = ledger.read_text().splitlines()
previous = json.loads(lines[-1])["hash"]
details = {"note": "x" * len(json.dumps(json.loads(lines[0])["details"]))}
for number in range(len(lines) + 1, wanted + 1):
    body = {"line": number, "time": "2026-01-01T00:00:00Z", "action": "note", "author": "a", "reason": "r",
            "details": details, "previous": previous}
    opened = json.dumps(body, separators=(",", ":"))[:-1]
    previous = hashlib.sha256(opened.encode()).hexdigest()
    lines.append(f'{opened},"hash":"{previous}"}}')
ledger.write_text("".join(line + "\n" for line in lines))
(store / "ledger.jsonl.head").write_text(f"{len(lines)} {previous}\n")
