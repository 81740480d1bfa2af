"""The networks: the paper's Final model, the rows it is compared with, and the finder (torch)."""

from mobilepose_core.model.build import Network, PoseNetwork, build
from mobilepose_core.model.config import GREY, ModelConfig

__all__ = ["GREY", "ModelConfig", "Network", "PoseNetwork", "build"]
