"""A user's program, as `mypy --strict` sees it; `make lint` checks it, and nothing runs it."""

from typing import assert_type

import cv2
import numpy as np
import numpy.typing as npt

from mobilepose_core import Pose, PoseEstimator, draw_poses

estimator = PoseEstimator("final")
photograph = cv2.imread("photo.jpg")
assert photograph is not None
for pose in estimator(photograph):
    x, y, score = pose["left_wrist"]
    assert_type(score, float)
    assert_type(pose.joints, npt.NDArray[np.float32])
poses = estimator.photograph(photograph)
assert_type(poses, list[Pose])
cv2.imwrite("drawn.png", draw_poses(photograph, poses))

capture = cv2.VideoCapture(0)
is_read, frame = capture.read()
estimator(frame, time=0.0)
estimator.detect(np.zeros((4, 4, 3), np.uint8))
