import numpy as np
import pytest
import torch

from mobilepose_core import crop, person_map
from mobilepose_core.errors import ModelError
from mobilepose_core.inference.detection import finder_detector
from mobilepose_core.inference.detection.finder_detector import FinderDetector
from mobilepose_core.model import ModelConfig, build
from mobilepose_core.model.finder import finished
from mobilepose_core.release.export import export

CONFIG = ModelConfig("finder", width=0.25)
SIZES = (96, 224, 320, 352, 448)


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    torch.manual_seed(0)
    network = build(CONFIG)
    with torch.no_grad():
        network.head.weight.normal_(std=0.2)
        for _ in range(20):  # so that batch normalisation knows its values
            network(torch.randn(2, 3, 192, 256))
    network.eval()
    path = tmp_path_factory.mktemp("finder") / "mine.onnx"
    export(network, CONFIG, path)
    return network, path


def unselective(path, size):
    """A detector that leaves no peak out, however low."""
    detector = FinderDetector(path, "cpu", size=size)
    detector.min_score = 0.0
    return detector


@pytest.mark.parametrize(
    ("width", "height", "size"),
    [(640, 480, size) for size in SIZES] + [(1280, 720, 320), (480, 640, 320), (100, 100, 224)],
)
def test_a_frame_of_any_proportions_gives_what_the_network_gives_on_any_canvas(
    exported, width, height, size
):
    network, path = exported
    frame = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    detector = unselective(path, size)
    canvas = person_map.canvas_of(width, height, size)
    rgb = torch.from_numpy(canvas.show(frame)[..., ::-1].copy())
    with torch.inference_mode():
        maps = finished(network((rgb.permute(2, 0, 1)[None].float() - 128) / 128))[0].numpy()

    found = detector.look(frame, 0)

    boxes, scores = person_map.decode(maps, 0.0)
    assert len(found) == len(boxes) > 0
    assert np.allclose(np.sort(found.scores), np.sort(scores), atol=1e-3)
    placed = crop.transform_boxes(crop.invert(canvas.matrix), boxes)
    assert np.allclose(found.boxes[0], placed[0], rtol=0.01, atol=1)


def test_the_canvas_is_of_the_usual_size_unless_another_is_asked_for(exported):
    assert FinderDetector(exported[1], "cpu").size == finder_detector.SIZE
    assert FinderDetector(exported[1], "cpu", size=448).size == 448


def test_looks_at_a_video_take_turns_each_second_one_at_a_size_half_as_large_again(exported):
    frame = np.random.default_rng(0).integers(0, 256, (480, 640, 3), np.uint8)
    detector, larger = (unselective(exported[1], size) for size in (192, 288))

    looks = [detector.look(frame, number) for number in range(4)]

    assert len(looks[0]) > 0
    for number, same in enumerate((looks[0], larger.look(frame, 0)) * 2):
        assert np.array_equal(looks[number].boxes, same.boxes)
        assert np.array_equal(looks[number].scores, same.scores)
    assert not np.array_equal(looks[0].boxes, looks[1].boxes)


def test_in_a_photograph_the_people_of_all_looks_are_found_each_once(exported):
    frame = np.random.default_rng(0).integers(0, 256, (480, 640, 3), np.uint8)
    detector = unselective(exported[1], 192)
    looks = [detector.look(frame, number) for number in (0, 1)]

    found = detector(frame)

    seen = np.concatenate([look.boxes for look in looks])
    assert all((box == seen).all(axis=1).any() for box in found.boxes)
    assert all(crop.overlaps(found.boxes, look.boxes).max(axis=0).min() > 0.4 for look in looks)
    among = crop.overlaps(found.boxes, found.boxes) - np.eye(len(found))
    assert among.max() <= crop.NMS_IOU
    assert (np.diff(found.scores) <= 0).all()
    assert found.sure_from == finder_detector.SURE


@pytest.mark.parametrize("size", [-32, 64, 100, 321, 1312])
def test_a_canvas_is_a_multiple_of_32_within_limits(size):
    with pytest.raises(ModelError, match=rf"multiple of 32 from 96 to 1280, or 0 .*got {size}"):
        FinderDetector(device="cpu", size=size)


def test_a_pose_network_is_no_finder():
    with pytest.raises(ValueError, match="is not a mobilepose detector"):
        FinderDetector("small", "cpu")


def test_an_interrupted_detector_raises_until_it_is_resumed(exported):
    detector = FinderDetector(exported[1], "cpu")
    frame = np.zeros((120, 160, 3), np.uint8)
    detector.interrupt()
    with pytest.raises(Exception, match="terminate"):
        detector(frame)

    detector.resume()

    detector(frame)
