"""Networks from the literature with random weights, since speed does not depend on the weights.

From pytorchcv (MIT): MobileNet, DenseNet, SqueezeNet and the Inceptions as classifiers, the
"lightweight OpenPose" of Osokin (2018) with its refinement stage, and "simple baselines" of Xiao et
al. (2018), both with a MobileNet backbone. Written here: the stacked hourglass, RTMPose-t and -s,
and YOLO11n-pose, which finds all people of a frame in one look.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.peers.packages import UnavailableError, alone_in
from mobilepose_core.inference.runtime.user_cache import user_cache

OPSET = 18
SEED = 0


@dataclass(frozen=True)
class Comparator:
    """A network and its input size.

    Attributes:
        module: Python module of the network.
        maker: factory in that module.
        height: of its input, pixels.
        width: of its input, pixels.
        arguments: of the factory.
    """

    module: str
    maker: str
    height: int
    width: int
    arguments: tuple[tuple[str, Any], ...] = ()


_CV = "pytorchcv.models."
_RTMPOSE = "benchmarks.peers.rtmpose"
COMPARATORS = {
    "mobilenet": Comparator(f"{_CV}mobilenet", "mobilenet_w1", 224, 224),
    "densenet121": Comparator(f"{_CV}densenet", "densenet121", 224, 224),
    "squeezenet": Comparator(f"{_CV}squeezenet", "squeezenet_v1_1", 224, 224),
    "inception_v3": Comparator(f"{_CV}inceptionv3", "inceptionv3", 299, 299),
    "inception_v4": Comparator(f"{_CV}inceptionv4", "inceptionv4", 299, 299),
    "openpose_mobilenet": Comparator(
        f"{_CV}lwopenpose_cmupan", "lwopenpose2d_mobilenet_cmupan_coco", 368, 368
    ),
    "simplepose_mobilenet": Comparator(
        f"{_CV}simpleposemobile_coco",
        "simplepose_mobile_mobilenet_w1_coco",
        256,
        192,
        (("return_heatmap", True),),
    ),
    "stacked_hourglass": Comparator("benchmarks.peers.hourglass", "StackedHourglass", 256, 256),
    "rtmpose_t": Comparator(_RTMPOSE, "RtmPose", 256, 192, (("width", 0.375), ("depth", 0.167))),
    "rtmpose_s": Comparator(_RTMPOSE, "RtmPose", 256, 192, (("width", 0.5), ("depth", 0.33))),
    "yolo11n_pose": Comparator("benchmarks.peers.yolo_pose", "YoloPose", 640, 640),
}


def file_of(name: str) -> Path:
    """The ONNX file of a comparator, exported to the user's cache on first use.

    Raises:
        UnavailableError: a required package is not installed.
    """
    comparator = COMPARATORS[name]
    try:
        make: Callable[..., Any] = getattr(
            importlib.import_module(comparator.module), comparator.maker
        )
        versions = [importlib.metadata.version(package) for package in ("torch", "pytorchcv")]
    except (ImportError, importlib.metadata.PackageNotFoundError) as error:
        raise UnavailableError(f"{error}; `make setup` installs it") from error
    path = user_cache() / "peers" / f"{name}-{'-'.join(versions)}.onnx"
    with alone_in(path.parent):
        if not path.is_file():
            print(f"exporting {name} into {path}", flush=True)
            _export(make, comparator, path)
    return path


def _export(make: Callable[..., Any], comparator: Comparator, path: Path) -> None:
    import torch

    torch.manual_seed(SEED)
    network = make(**dict(comparator.arguments)).eval()
    image = torch.zeros(1, 3, comparator.height, comparator.width)
    unfinished = path.with_suffix(".unfinished")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # torch's older exporter takes 20 s, the newer one two minutes, for the same graphs.
        torch.onnx.export(network, (image,), str(unfinished), opset_version=OPSET, dynamo=False)
    unfinished.rename(path)
