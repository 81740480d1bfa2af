"""Which tests are quick: `make check` runs those that need neither DDS nor training."""

import os
from pathlib import Path

import pytest

TESTS = Path(__file__).parent

SLOW_FOLDERS = ("benchmarks", "docker", "tools", "core/training", "core/model", "core/release")
SLOW_FILES = (
    "core/evaluation/test_tracks.py",
    "core/inference/detection/test_detector.py",
    "core/test_benchmark.py",
    "core/test_cli.py",
    "core/test_predict.py",
    "core/test_released_models.py",
    "ros/test_demo.py",
    "ros/test_programs.py",
    "ros/test_two_hosts.py",
)
DDS_FIXTURES = {"ros", "camera", "node", "probe"}
"""Fixtures that start nodes."""


def pytest_configure(config):
    """Declares the marker."""
    config.addinivalue_line("markers", "slow: needs DDS, training or much time; not in make check")


def pytest_collection_modifyitems(items):
    """Marks the tests that `make check` leaves out."""
    for item in items:
        path = item.path.relative_to(TESTS).as_posix()
        is_slow = path.startswith(SLOW_FOLDERS) or path in SLOW_FILES
        if is_slow or DDS_FIXTURES & set(item.fixturenames):
            item.add_marker(pytest.mark.slow)


FOLDER = "MOVENET_FOLDER"


@pytest.fixture
def movenet_folder():
    """Where MoveNet's npm packages are installed."""
    if FOLDER not in os.environ:
        pytest.skip(f"{FOLDER} does not name a folder with MoveNet's npm packages")
    return Path(os.environ[FOLDER])
