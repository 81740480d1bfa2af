import cv2
import numpy as np
import pytest
import skimage.data
import torch

from mobilepose_core.model import ModelConfig, build, imagenet
from mobilepose_core.model.imagenet import Classifier


@pytest.fixture(scope="module")
def arrays(shared_data):
    return imagenet.load_arrays(shared_data / "imagenet" / "mobilenet_v1_1.0_224.npz")


@pytest.mark.parametrize(
    ("photo", "expected"),
    [("chelsea", {"tabby", "tiger cat", "Egyptian cat"}), ("coffee", {"espresso", "cup"})],
)
def test_the_imported_weights_name_what_is_in_a_photo(arrays, shared_data, photo, expected):
    classes = (shared_data / "imagenet" / "synset.txt").read_text().splitlines()
    picture = getattr(skimage.data, photo)()
    side = min(picture.shape[:2])
    top, left = ((extent - side) // 2 for extent in picture.shape[:2])
    square = cv2.resize(
        picture[top : top + side, left : left + side], (224, 224), interpolation=cv2.INTER_AREA
    )
    images = torch.from_numpy(square).permute(2, 0, 1)[None].float()

    with torch.inference_mode():
        logits = Classifier(arrays).eval()((images - 128) / 128)

    best = classes[int(logits[0, 1:].argmax())]
    assert any(name in best for name in expected), best


def test_every_layer_of_the_final_networks_trunk_gets_its_weights(arrays):
    network = build(ModelConfig())
    before = {name: tensor.clone() for name, tensor in network.trunk.state_dict().items()}

    imagenet.load_trunk(network.trunk, arrays)

    for name, tensor in network.trunk.state_dict().items():
        if not name.endswith("num_batches_tracked"):
            assert not torch.equal(tensor, before[name]), name


def test_weights_of_another_width_are_refused(arrays):
    with pytest.raises(ValueError, match="fit width"):
        imagenet.load_trunk(build(ModelConfig(width=0.5)).trunk, arrays)


def test_a_file_that_is_no_mobilenet_is_refused_with_what_it_holds(tmp_path):
    np.savez(tmp_path / "other.npz", something=np.zeros(3))

    with pytest.raises(ValueError, match="something"):
        imagenet.load_arrays(tmp_path / "other.npz")


@pytest.mark.parametrize("content", [None, b"no archive"])
def test_a_missing_or_damaged_file_is_named(tmp_path, content):
    path = tmp_path / "weights.npz"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(ValueError, match=r"weights\.npz cannot be read"):
        imagenet.load_arrays(path)
