"""Names of topics that follow from that of the images, as image_transport has them."""

from __future__ import annotations

from rclpy.node import Node


def camera_info_beside(image: str) -> str:
    """Where the calibration of a camera is: in the namespace of its images."""
    return image[: image.rfind("/") + 1] + "camera_info"


def of_images(node: Node, transport: str) -> str:
    """Full name of the topic of images; compressed ones are below `image` wherever that is."""
    image: str = node.resolve_topic_name("image")
    if transport == "raw":
        return image
    return _remapped(node, f"image/{transport}") or f"{image}/{transport}"


def of_camera_info(node: Node) -> str:
    """Full name of the topic of the calibration; it is beside `image` wherever that is."""
    return _remapped(node, "camera_info") or camera_info_beside(node.resolve_topic_name("image"))


def _remapped(node: Node, name: str) -> str:
    """Where a topic is remapped to; empty where it is not."""
    resolved: str = node.resolve_topic_name(name)
    return "" if resolved == node.resolve_topic_name(name, only_expand=True) else resolved
