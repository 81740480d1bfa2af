"""The stand-in has the names and arguments of tf2_ros, where that is installed."""

import importlib.util
import inspect
from pathlib import Path

import pytest

STAND_IN = Path(__file__).parent / "stand_in" / "tf2_ros.py"

USED = {
    "Buffer": ("lookup_transform",),
    "TransformBroadcaster": ("__init__", "sendTransform"),
    "TransformListener": ("__init__", "unregister"),
    "StaticTransformBroadcaster": ("__init__", "sendTransform"),
}


@pytest.fixture
def real():
    """The installed package."""
    return pytest.importorskip("tf2_ros", reason="tf2_ros has no wheel; a full ROS 2 has it")


@pytest.mark.parametrize("name", USED)
def test_the_stand_in_has_the_methods_and_arguments_of_the_real_package(real, name):
    spec = importlib.util.spec_from_file_location("own_tf2_ros", STAND_IN)
    own = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(own)

    for method in USED[name]:
        ours = inspect.signature(getattr(getattr(own, name), method)).parameters
        theirs = inspect.signature(getattr(getattr(real, name), method)).parameters
        assert list(ours) == list(theirs)[: len(ours)]
    assert callable(real.Buffer.clear)  # compiled: it has no signature
    assert issubclass(real.TransformException, Exception)
