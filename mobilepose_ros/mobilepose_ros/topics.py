"""Topic names derived from that of the images, by image_transport's conventions."""

from __future__ import annotations

from rclpy.node import Node

COMPRESSED = "compressed"
"""The transport, and the last part of its topics' names."""


def compressed_of(image: str) -> str:
    """Topic of compressed images, given that of the raw or the compressed images."""
    return image if _names_compressed(image) else f"{image}/{COMPRESSED}"


def camera_info_topic(image: str) -> str:
    """Topic of the calibration: in the namespace of the images, raw or compressed."""
    raw = image.rpartition("/")[0] if _names_compressed(image) else image
    return raw[: raw.rfind("/") + 1] + "camera_info"


def of_images(node: Node, transport: str) -> str:
    """Full name of the topic of images, after remapping of `image`.

    Compressed images are on the topic below it, unless `image` is remapped to compressed images.
    """
    image: str = node.resolve_topic_name("image")
    if transport == "raw":
        return image
    return _remapped(node, f"image/{transport}") or compressed_of(image)


def of_camera_info(node: Node) -> str:
    """Full name of the topic of the calibration, after remapping of it or of `image`."""
    return _remapped(node, "camera_info") or camera_info_topic(node.resolve_topic_name("image"))


def _names_compressed(image: str) -> bool:
    """Whether a topic's name ends in /compressed."""
    above, _, last = image.rpartition("/")
    return bool(above) and last == COMPRESSED


def _remapped(node: Node, name: str) -> str:
    """The name that a topic is remapped to; empty if it is not remapped."""
    resolved: str = node.resolve_topic_name(name)
    return "" if resolved == node.resolve_topic_name(name, only_expand=True) else resolved
