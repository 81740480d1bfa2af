import os
from pathlib import Path

import pytest

FOLDER = "MOVENET_FOLDER"


@pytest.fixture
def movenet_folder():
    """Where MoveNet's npm packages are installed."""
    if FOLDER not in os.environ:
        pytest.skip(f"{FOLDER} does not name a folder with MoveNet's npm packages")
    return Path(os.environ[FOLDER])
