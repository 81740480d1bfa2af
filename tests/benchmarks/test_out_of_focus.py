import cv2
import numpy as np
from benchmarks import out_of_focus
from benchmarks.picture import astronaut

from mobilepose_core import PoseEstimator, skeleton
from mobilepose_core.datasets import Sample
from mobilepose_core.inference.pose_model import PoseModel


def test_joints_move_the_more_the_more_the_crop_is_blurred(tmp_path):
    frame = astronaut(640, 480)
    cv2.imwrite(str(tmp_path / "sharp.png"), frame)
    (pose,) = PoseEstimator("final", "cpu")(frame)
    sample = Sample(
        image=tmp_path / "sharp.png", joints=skeleton.among_all(pose.joints), group="film"
    )
    lost = Sample(image=tmp_path / "lost.png", joints=skeleton.among_all(pose.joints), group="film")

    far = out_of_focus.blurred(PoseModel("final", "cpu"), [sample, lost])

    seen = pose.scores > 0.8
    assert far.shape == (len(out_of_focus.BLURS), 1, len(seen))
    sharp, *_, blurred = far[:, 0, seen].mean(axis=1)
    assert sharp < 0.1
    assert blurred > sharp


def test_a_blur_keeps_the_light_and_loses_what_is_fine():
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8)

    soft = out_of_focus.softened(noise, 1.5)

    assert abs(float(soft.mean()) - float(noise.mean())) < 2
    assert soft.std() < noise.std() / 3
    assert out_of_focus.softened(noise, 0.0) is noise
