"""A network for a subset of a trained network's joints, with identical outputs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mobilepose_core import skeleton
from mobilepose_core.model.build import Network
from mobilepose_core.model.config import UPPER_BODY_FILTERS, ModelConfig
from mobilepose_core.model.hourglass import FILTERS, SplitHourglass
from mobilepose_core.model.resize import resized


def with_joints(
    network: SplitHourglass, config: ModelConfig, joints: Sequence[str]
) -> tuple[SplitHourglass, ModelConfig]:
    """A network for some of the joints, with the same outputs for them.

    Streams share nothing after the split, so the remaining ones do not change.

    Args:
        network: of architecture `final`.
        config: its configuration.
        joints: names, in the order of the new network's outputs.

    Raises:
        ValueError: the network lacks one of them, one is named twice, or there is none.
    """
    if missing := [name for name in joints if name not in network.joints]:
        raise ValueError(
            f"the network has no {', '.join(missing)}; it has {', '.join(network.joints)}"
        )
    filters = [network.heads.filters[network.joints.index(name)] for name in joints]
    scale = UPPER_BODY_FILTERS / config.filters(FILTERS)
    streams = tuple(count * scale for count in filters)
    wanted = replace(config, joints=tuple(joints), streams=streams, exact_streams=True)
    chosen = resized(network, wanted)
    assert isinstance(chosen, SplitHourglass)
    return chosen.eval(), wanted


def with_named_joints(
    network: Network, config: ModelConfig, names: Sequence[str]
) -> tuple[Network, ModelConfig]:
    """`with_joints` for names from the command line.

    Args:
        network: of any architecture.
        config: its configuration.
        names: of joints, or the name of one skeleton.

    Raises:
        ValueError: the network has no streams; see also `with_joints`.
    """
    if not isinstance(network, SplitHourglass):
        raise ValueError(f"--joints needs a network of streams, got {config.architecture}")
    known = skeleton.SKELETONS.get(names[0]) if len(names) == 1 else None
    return with_joints(network, config, known.joints if known else names)
