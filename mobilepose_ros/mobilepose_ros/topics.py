"""Names of topics that follow from that of the images, as image_transport has them."""

from __future__ import annotations

from rclpy.node import Node

COMPRESSED = "compressed"
"""The transport whose images come on topics of this name, below that of the raw ones."""


def compressed_of(image: str) -> str:
    """Topic of compressed images, by the name of the raw or of the compressed ones themselves."""
    return image if _names_compressed(image) else f"{image}/{COMPRESSED}"


def camera_info_beside(image: str) -> str:
    """Where the calibration of a camera is: in the namespace of its images, raw or compressed."""
    raw = image.rpartition("/")[0] if _names_compressed(image) else image
    return raw[: raw.rfind("/") + 1] + "camera_info"


def of_images(node: Node, transport: str) -> str:
    """Full name of the topic of images; compressed ones are below `image` wherever that is.

    Where `image` is remapped to the compressed images themselves, they are taken from there.
    """
    image: str = node.resolve_topic_name("image")
    if transport == "raw":
        return image
    return _remapped(node, f"image/{transport}") or compressed_of(image)


def of_camera_info(node: Node) -> str:
    """Full name of the topic of the calibration; it is beside `image` wherever that is."""
    return _remapped(node, "camera_info") or camera_info_beside(node.resolve_topic_name("image"))


def _names_compressed(image: str) -> bool:
    """Whether a topic is one below another, and of compressed images by its name."""
    above, _, last = image.rpartition("/")
    return bool(above) and last == COMPRESSED


def _remapped(node: Node, name: str) -> str:
    """Where a topic is remapped to; empty where it is not."""
    resolved: str = node.resolve_topic_name(name)
    return "" if resolved == node.resolve_topic_name(name, only_expand=True) else resolved
