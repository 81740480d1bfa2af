"""Errors that say whose fault it is: each says what was wrong, what was expected, what to do."""

from __future__ import annotations


class MobilePoseError(ValueError):
    """Something given to mobilepose cannot be used."""


class ModelError(MobilePoseError):
    """A model: no such file, damaged, or not one that can be used here."""


class DataError(MobilePoseError):
    """Photographs, videos or annotations: missing, damaged, or not what they should be."""


class FrameError(MobilePoseError):
    """A frame or an image message: of another shape, type or encoding, or damaged."""


class DeviceError(MobilePoseError):
    """A device: unknown, or not usable on this machine."""
