"""One start of the estimator, in its own process.

    python -m benchmarks.measure.first_pose PICTURE MODEL THREADS FRAMES

Prints JSON: seconds of import, of loading the models and of the first frame, and resident memory
after FRAMES more frames, MB.
"""

import time

STARTED = time.monotonic()

from mobilepose_core.inference import PoseEstimator  # noqa: E402

IMPORTED = time.monotonic()

import json  # noqa: E402
import os  # noqa: E402
import sys  # noqa: E402
from pathlib import Path  # noqa: E402

import cv2  # noqa: E402
import numpy as np  # noqa: E402


def main() -> None:
    picture, model, threads, frames = sys.argv[1:]
    frame = np.asarray(cv2.imread(picture), np.uint8)
    started = time.monotonic()
    estimator = PoseEstimator(model, "cpu", int(threads))
    loaded = time.monotonic()
    poses = estimator(frame)
    answered = time.monotonic()
    if not poses:
        raise SystemExit(f"no person was detected in {picture}")
    for _ in range(int(frames)):
        estimator(frame)
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    figures = {
        "import_s": IMPORTED - STARTED,
        "load_s": loaded - started,
        "first_pose_s": answered - loaded,
        "memory_mb": pages * os.sysconf("SC_PAGE_SIZE") / 2**20,
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
