"""What nodes send to find one another, by their number: simple discovery beside a discovery server.

    python -m benchmarks.discovery --json

Each run has a network of its own (`unshare --net`, a loopback interface with Ethernet's MTU) in
which every pose node is a DDS participant over UDP, as if each were on a robot of its own. All are
in one process: time is that of this machine, while traffic hardly depends on it. It counts from the
first node's start until 5 s after all know all; idle traffic is that of the 10 s after that.
"""

from __future__ import annotations

import argparse
import json
import sys

from benchmarks.measure import loopback, machine

COUNTS = (2, 5, 10, 20, 40)
HEADS = {
    "participants": "Pose nodes",
    "started_s": "started, s",
    "found_all": "know all",
    "found_s": "after, s",
    "kilobytes": "Until then, kB",
    "packets": "packets",
    "idle_kilobytes_per_s": "Idle, kB/s",
    "idle_packets_per_s": "packets/s",
}


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--counts", nargs="+", type=int, default=COUNTS, help="numbers of nodes")
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    options = parser.parse_args()
    print(f"| Discovery | {' | '.join(HEADS.values())} |")
    print("|---" * (len(HEADS) + 1) + "|")
    rows = []
    for count in options.counts:
        for kind, flags in (("simple", []), ("server", ["--server"])):
            row = measured(count, flags)
            rows.append({"discovery": kind, **row})
            print(f"| {kind} | {' | '.join(str(row[key]) for key in HEADS)} |", flush=True)
    if options.json:
        print(json.dumps({"machine": machine.description(), "rows": rows}))
    return 0


def measured(count: int, flags: list[str]) -> dict[str, float]:
    """The figures of one run."""
    output = loopback.output_of("benchmarks.measure.participants", str(count), *flags)
    found: dict[str, float] = json.loads(output.splitlines()[-1])
    return found


if __name__ == "__main__":
    sys.exit(main())
