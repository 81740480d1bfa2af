"""How well a robot follows a person: distance kept, exchanges, time to find the person again.

    python -m benchmarks.following --json

People are simulated, and so are the robot, depth with holes and noise, and a tracker that exchanges
IDs; where people are, how they move and who is the target is told by mobilepose_core.behaviour.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from typing import Any

from benchmarks.behaving import errands

SHARE = 0.3
"""Of the meetings at which the tracker exchanges IDs, unless all wear the same."""

Scene = Callable[[int, int], dict[str, Any]]

SCENES: dict[str, Scene] = {
    "nobody else, depth": lambda films, seed: errands.alone(films, seed, True),
    "nobody else, no depth": lambda films, seed: errands.alone(films, seed, False),
    "people cross": lambda films, seed: errands.crossings(films, seed, SHARE),
    "people cross, no depth": lambda films, seed: errands.crossings(
        films, seed, SHARE, has_depth=False
    ),
    "people cross, all in the same clothes": lambda films, seed: errands.crossings(
        films, seed, SHARE, is_uniform=True
    ),
    "behind a wall for 2 to 8 s": lambda films, seed: errands.returns(films, seed, errands.HIDDEN),
    "away for two minutes": lambda films, seed: errands.returns(films, seed, errands.GONE),
}


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--films", type=int, default=20, help="of each scene")
    parser.add_argument(
        "--scene", nargs="*", choices=SCENES, default=list(SCENES), help="all by default"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    options = parser.parse_args()
    if options.films < 1:
        parser.error(f"--films is {options.films}; expected 1 or more")
    rows = []
    for name in options.scene:
        rows.append({"scene": name, **SCENES[name](options.films, options.seed)})
        print(name)
        for key, value in rows[-1].items():
            print(f"  {key} {value}", flush=True)
    if options.json:
        print(json.dumps({"seed": options.seed, "share": SHARE, "scenes": rows}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
