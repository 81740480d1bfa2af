"""What becomes of the poses in frames: tables, pictures, a window."""

from mobilepose_core.output.result import Output, Result

__all__ = ["Output", "Result"]
