"""The networks: the paper's Final model, the rows it is compared with, and their trunk (torch)."""

from mobilepose_core.model.build import PoseNetwork, build
from mobilepose_core.model.config import ModelConfig

__all__ = ["ModelConfig", "PoseNetwork", "build"]
