"""The networks in torch: the paper's Final model, its baselines, and the person detector."""

from mobilepose_core.model.build import Network, PoseNetwork, build
from mobilepose_core.model.config import GREY, ModelConfig

__all__ = ["GREY", "ModelConfig", "Network", "PoseNetwork", "build"]
