"""Some of a trained network's joints as a network of their own, exactly and without training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mobilepose_core.model.config import UPPER_BODY_FILTERS, ModelConfig
from mobilepose_core.model.hourglass import FILTERS, SplitHourglass
from mobilepose_core.model.narrow import narrowed


def with_joints(
    network: SplitHourglass, config: ModelConfig, joints: Sequence[str]
) -> tuple[SplitHourglass, ModelConfig]:
    """A network that finds those joints only, as the whole one does.

    Streams share nothing after the split: what is left of them does not change.

    Args:
        network: of architecture `final`.
        config: its configuration.
        joints: names, in the order that the new network gives them.

    Raises:
        ValueError: the network does not find one of them, one is named twice, or there is none.
    """
    if missing := [name for name in joints if name not in network.joints]:
        raise ValueError(
            f"the network does not find {', '.join(missing)}; it finds {', '.join(network.joints)}"
        )
    filters = [network.heads.filters[network.joints.index(name)] for name in joints]
    scale = UPPER_BODY_FILTERS / config.filters(FILTERS)
    wanted = replace(
        config, joints=tuple(joints), streams=tuple(_plain(count * scale) for count in filters)
    )
    if list(wanted.stream_filters(config.filters(FILTERS))) != filters:
        raise ValueError(
            "the streams of these joints do not add up to those of the upper body; name the "
            "joints in another order or with others"
        )
    chosen = narrowed(network, wanted)
    assert isinstance(chosen, SplitHourglass)
    return chosen.eval(), wanted


def _plain(value: float) -> float:
    return int(value) if value == int(value) else value
