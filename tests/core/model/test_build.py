import pytest
import torch

from mobilepose_core import skeleton
from mobilepose_core.model import ModelConfig, build
from mobilepose_core.model.blocks import SameConv
from mobilepose_core.model.build import parameter_count

TINY = ModelConfig(width=0.25, input_size=64)


def test_the_final_network_has_the_papers_size_and_heatmaps():
    network = build(ModelConfig()).eval()

    with torch.inference_mode():
        heatmaps = network(torch.zeros(1, 3, 224, 224))

    assert 2.1e6 <= parameter_count(network) <= 2.4e6
    assert heatmaps.shape == (1, 11, 56, 56)


@pytest.mark.parametrize(
    ("architecture", "millions"), [("baseline", 3.23), ("gap_removed", 4.31), ("split", 3.31)]
)
def test_a_regression_network_has_the_size_its_table_row_says(architecture, millions):
    network = build(ModelConfig(architecture)).eval()

    with torch.inference_mode():
        coordinates = network(torch.zeros(1, 3, 224, 224))

    assert parameter_count(network) / 1e6 == pytest.approx(millions, abs=0.005)
    assert coordinates.shape == (1, 11, 2)


def test_the_trunks_that_the_paper_weighed_are_baselines_too():
    trunks = ("squeezenet", "densenet-6-12-12-8", "densenet-6-12-12-16", "densenet-6-12-24-16")
    networks = [build(ModelConfig("baseline", trunk=trunk)).eval() for trunk in trunks]

    with torch.inference_mode():
        outputs = [network(torch.zeros(1, 3, 64, 64)) for network in networks]

    squeezenet, *_, densenet_121 = counts = [parameter_count(network) for network in networks]
    # As published, 1.2355 M and 7.9789 M, without their 1000 classes but with 22 outputs.
    assert squeezenet == 1_235_496 - (512 * 1000 + 1000) + (512 * 22 + 22)
    assert densenet_121 == 7_978_856 - (1024 * 1000 + 1000) + (1024 * 22 + 22)
    assert counts == sorted(counts)
    assert all(output.shape == (1, 11, 2) for output in outputs)


@pytest.mark.parametrize("decoder", ["upsample_first", "block_first"])
@pytest.mark.parametrize("input_size", [128, 160, 192])
def test_the_heatmaps_are_a_quarter_of_the_input(decoder, input_size):
    network = build(ModelConfig(width=0.25, input_size=input_size, decoder=decoder)).eval()

    with torch.inference_mode():
        heatmaps = network(torch.zeros(1, 3, input_size, input_size))

    assert heatmaps.shape == (1, 11, input_size // 4, input_size // 4)


def test_depthwise_skips_are_without_their_pointwise_halves():
    paper, lighter = build(ModelConfig()), build(ModelConfig(skips="depthwise"))

    skipped = 512 * 512 + 2 * 512 + 256 * 256 + 2 * 256
    assert parameter_count(paper) - parameter_count(lighter) == skipped
    with torch.inference_mode():
        assert lighter.eval()(torch.zeros(1, 3, 64, 64)).shape == (1, 11, 16, 16)


def _seen_around_a_joint(kernel):
    """Height of what a cell of the heatmaps depends on, input pixels."""
    torch.manual_seed(0)
    network = build(ModelConfig(width=0.25, input_size=672, kernel=kernel)).double().eval()
    for head in network.heads.heads:
        torch.nn.init.ones_(head.weight)
    images = torch.randn(1, 3, 672, 672, dtype=torch.float64, requires_grad=True)
    network(images)[0, :, 84, 84].sum().backward()
    return int((images.grad.abs().sum((0, 1, 3)) > 0).sum())


def test_only_with_large_kernels_a_joint_at_one_end_of_a_crop_sees_the_other():
    assert _seen_around_a_joint(3) < 2 * 224 < _seen_around_a_joint(7)


@pytest.mark.parametrize("joint", ["left_wrist", "nose"])
def test_a_joints_map_trains_its_own_stream_the_trunk_and_no_other_stream(joint):
    torch.manual_seed(0)
    network = build(TINY)
    index = skeleton.INDEX[joint]
    heatmaps = network(torch.randn(2, 3, 64, 64))

    (heatmaps[:, index] ** 2).sum().backward()

    filters = network.heads.filters
    start = sum(filters[:index])
    own = torch.zeros(sum(filters), dtype=torch.bool)
    own[start : start + filters[index]] = True
    pointwise = network.block_13.pointwise[0].weight.grad.abs().sum((1, 2, 3))
    assert (pointwise[own] > 0).any()
    assert (pointwise[~own] == 0).all()
    for other, head in enumerate(network.heads.heads):
        touched = head.weight.grad is not None and bool(head.weight.grad.abs().sum() > 0)
        assert touched == (other == index)
    assert network.trunk.stem[0].weight.grad.abs().sum() > 0


def test_streams_of_the_split_regression_are_disjoint_too():
    torch.manual_seed(0)
    network = build(ModelConfig("split", width=0.25, input_size=64))

    (network(torch.randn(2, 3, 64, 64))[:, 2] ** 2).sum().backward()

    start, count = sum(network.filters[:2]), network.filters[2]
    gradient = network.block_13.pointwise[0].weight.grad.abs().sum((1, 2, 3))
    assert gradient[start : start + count].sum() > 0
    assert gradient[:start].sum() + gradient[start + count :].sum() == 0


def test_harder_joints_have_more_filters_and_all_together_256():
    filters = dict(zip(skeleton.JOINTS, ModelConfig().stream_filters(256), strict=True))

    assert sum(filters.values()) == 256
    for side in ("left", "right"):
        wrist, elbow, shoulder, hip, eye = (
            filters[f"{side}_{part}"] for part in ("wrist", "elbow", "shoulder", "hip", "eye")
        )
        assert wrist > elbow > shoulder >= hip > eye > filters["nose"]


@pytest.mark.parametrize("total", [64, 128, 192, 1024])
def test_streams_scale_to_any_layer_without_losing_a_filter(total):
    assert sum(ModelConfig().stream_filters(total)) == total


def test_at_stride_two_one_more_row_is_padded_below_than_above():
    convolution = SameConv(1, 1, kernel=3, stride=2)
    torch.nn.init.zeros_(convolution.weight)
    with torch.no_grad():
        convolution.weight[0, 0, 0, 0] = 1
    image = torch.arange(16.0).reshape(1, 1, 4, 4)

    sampled = convolution(image)

    # With nothing padded before, the first window starts on the first pixel.
    assert sampled.flatten().tolist() == [0, 2, 8, 10]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"architecture": "resnet"}, "final, baseline"),
        ({"width": 0}, "width"),
        ({"input_size": 100}, "multiple of 32"),
        ({"decoder": "none"}, "upsample_first"),
        ({"trunk": "vgg"}, "squeezenet"),
        ({"trunk": "squeezenet"}, "baseline only"),
        ({"streams": [1, 2]}, "11 counts"),
        ({"kernel": 4}, "odd number from 3"),
        ({"kernel": 1}, "odd number from 3"),
        ({"architecture": "baseline", "kernel": 7}, "final and finder only"),
        ({"skips": "dense"}, "separable, depthwise"),
        ({"architecture": "split", "skips": "depthwise"}, "final and finder only"),
        ({"depth": 3}, "unknown"),
    ],
)
def test_a_wrong_setting_is_refused_with_what_is_right(settings, message):
    with pytest.raises(ValueError, match=message):
        ModelConfig.from_dict(settings)


def test_a_configuration_survives_its_card():
    config = ModelConfig("split", width=0.5, input_size=192, decoder="upsample_first")

    assert ModelConfig.from_dict(config.to_dict()) == config


@pytest.mark.parametrize("architecture", ["gap_removed", "split"])
def test_a_step_without_the_pooling_goes_about_as_far_as_with_it(architecture):
    """Else the training diverges at the paper's rates: there are 49 times as many features."""
    moved = {}
    for name in ("baseline", architecture):
        torch.manual_seed(0)
        network = build(ModelConfig(name, width=0.25))
        images = torch.randn(4, 3, 224, 224)
        before = network(images)
        outputs = [p for part, p in network.named_parameters() if part.startswith("output")]
        optimizer = torch.optim.Adam(outputs, 1e-3)
        (before**2).sum().backward()
        optimizer.step()
        moved[name] = float((network(images) - before).detach().abs().mean())

    assert moved[architecture] < 5 * moved["baseline"]
