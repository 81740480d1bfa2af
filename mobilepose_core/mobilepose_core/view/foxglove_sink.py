"""`FoxgloveSink`: what the page shows, for Foxglove: by WebSocket, into an MCAP, or both.

Needs foxglove-sdk. Nothing is made for a channel that nobody subscribes to.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import foxglove
from foxglove import Capability, Channel, Context, Parameter
from foxglove.channels import (
    CompressedImageChannel,
    FrameTransformsChannel,
    ImageAnnotationsChannel,
    LogChannel,
    SceneUpdateChannel,
)
from foxglove.websocket import Client, ServerListener, WebSocketServer

from mobilepose_core.pose import Pose
from mobilepose_core.typing import FloatArray
from mobilepose_core.view import address, jpeg, page_data
from mobilepose_core.view import foxglove_messages as messages
from mobilepose_core.view.frames import ViewedFrame, ViewStatus
from mobilepose_core.view.page_data import PageStyle

IMAGE = "/mobilepose/image"
ANNOTATIONS = "/mobilepose/annotations"
SCENE = "/mobilepose/scene"
STATUS = "/mobilepose/status"
LOG = "/mobilepose/log"
TRANSFORMS = "/tf"

STATUS_SCHEMA: dict[str, Any] = {
    "title": "mobilepose.Status",
    "type": "object",
    "properties": {
        "title": {"type": "string"},
        "level": {"type": "string"},
        "message": {"type": "string"},
        "received": {"type": "number", "description": "images per second"},
        "processed": {"type": "number", "description": "images per second"},
        "latency": {"type": "number", "description": "ms from an image to its joints"},
        "details": {"type": "object"},
        "parameters": {"type": "object"},
    },
}

BACKLOG = 32
"""Messages that wait for a slow client before the oldest are dropped."""


class FoxgloveSink:
    """Channels with the image, skeletons over it and in 3D, status and log.

    Attributes:
        url: of the WebSocket server; empty without one.
    """

    def __init__(self, style: PageStyle | None = None) -> None:
        """Makes the channels; `serve` and `record` give them away.

        Args:
            style: has the quality of the JPEG, which is as large as the image if the format can
                hold that.
        """
        self._context = context = Context()
        self._quality = (style or PageStyle()).quality
        self._image = CompressedImageChannel(IMAGE, context=context)
        self._annotations = ImageAnnotationsChannel(ANNOTATIONS, context=context)
        self._scene = SceneUpdateChannel(SCENE, context=context)
        self._transforms = FrameTransformsChannel(TRANSFORMS, context=context)
        self._log = LogChannel(LOG, context=context)
        self._status = Channel(STATUS, schema=STATUS_SCHEMA, context=context)
        self._told = ViewStatus()
        self._shown: frozenset[str] = frozenset()
        self._server: WebSocketServer | None = None
        self._writer: foxglove.MCAPWriter | None = None
        self._parameters = _Parameters()
        self.url = ""

    @property
    def is_watched(self) -> bool:
        """Whether anybody subscribes to anything."""
        return self.wants_frame or self._status.has_sinks() or self._log.has_sinks()

    @property
    def wants_frame(self) -> bool:
        """Whether anybody subscribes to the image or the skeletons."""
        return any(c.has_sinks() for c in (self._image, self._annotations, self._scene))

    @property
    def wants_positions(self) -> bool:
        """Whether anybody subscribes to the 3D scene."""
        return self._scene.has_sinks()

    def serve(self, host: str = address.DEFAULT_HOST, port: int = address.FOXGLOVE_PORT) -> None:
        """Listens for Foxglove.

        Raises:
            ValueError: the port is taken, or the address is not this machine's.
        """
        try:
            self._server = foxglove.start_server(
                name="mobilepose",
                host=host,
                port=port,
                capabilities=[Capability.Parameters],
                server_listener=self._parameters,
                context=self._context,
                message_backlog_size=BACKLOG,
            )
        except Exception as error:  # the SDK's own, which has no public class
            raise ValueError(
                f"Foxglove's port {port} on {host} cannot be used ({error}); give another, or 0 "
                "for any"
            ) from error
        self.url = f"ws://{address.shown(host)}:{self._server.port}"

    def record(self, path: Path) -> None:
        """Writes everything into an MCAP from now on; replaces the file.

        Raises:
            ValueError: it cannot be written.
        """
        try:
            self._writer = foxglove.open_mcap(path, allow_overwrite=True, context=self._context)
        except Exception as error:  # see above
            raise ValueError(f"{path} cannot be written: {error}") from error

    def show(self, frame: ViewedFrame) -> None:
        """Sends a frame to those who subscribe; never waits for them."""
        min_score, time = self._told.min_score, max(frame.stamp, 0)
        if self._image.has_sinks():
            picture = jpeg.encoded(frame.image, self._quality)
            self._image.log(messages.image(frame, picture), log_time=time)
        if self._annotations.has_sinks():
            annotations = messages.image_annotations(frame, min_score, jpeg.scale_of(frame.image))
            self._annotations.log(annotations, log_time=time)
        if frame.positions is not None:
            self.place(frame.poses, frame.positions, frame.stamp, frame.frame_id)

    def place(
        self,
        poses: Sequence[Pose],
        positions: Sequence[FloatArray],
        stamp: int,
        frame_id: str,
    ) -> None:
        """Sends the 3D scene to those who subscribe.

        Args:
            poses: of the people.
            positions: for each (K, 3) m in the optical frame, NaN where unknown.
            stamp: of their image, ns since 1970.
            frame_id: of the optical frame.
        """
        if not self._scene.has_sinks():
            return
        header = messages.SceneHeader(max(stamp, 0), frame_id)
        names = frozenset(messages.entity_id(pose, index) for index, pose in enumerate(poses))
        gone = sorted(self._shown - names)
        update = messages.scene(poses, positions, header, self._told.min_score, gone)
        self._transforms.log(messages.camera_transform(header), log_time=header.stamp)
        self._scene.log(update, log_time=header.stamp)
        self._shown = names

    def tell(self, status: ViewStatus, stamp: int) -> None:
        """Sends a status; a new message goes to the log.

        Args:
            status: of the program.
            stamp: when, ns since 1970.
        """
        sent = page_data.status(status)
        is_new = (status.level, status.message) != (self._told.level, self._told.message)
        if status.message and is_new:
            self._log.log(messages.log(status, stamp), log_time=stamp)
        for name in ("details", "parameters"):
            sent[name] = dict(sent[name])
        self._status.log(sent, log_time=stamp)
        parameters = _parameters(status)
        if self._server is not None and status.parameters != self._told.parameters:
            self._server.publish_parameter_values(parameters)
        self._parameters.known = parameters
        self._told = status

    def close(self) -> None:
        """Ends the server, and completes the MCAP."""
        if self._server is not None:
            self._server.stop()
        if self._writer is not None:
            self._writer.close()


class _Parameters(ServerListener):
    """Answers requests for parameters, which can only be read."""

    def __init__(self) -> None:
        self.known: list[Parameter] = []

    def on_get_parameters(
        self, client: Client, param_names: list[str], request_id: str | None = None
    ) -> list[Parameter]:
        """Those that are asked for, or all."""
        return [p for p in self.known if not param_names or p.name in param_names]

    def on_set_parameters(
        self, client: Client, parameters: list[Parameter], request_id: str | None = None
    ) -> list[Parameter]:
        """Changes nothing: the answer has all values as they are."""
        return self.known


def _parameters(status: ViewStatus) -> list[Parameter]:
    return [
        Parameter(name, value=value if isinstance(value, bool | int | float) else str(value))
        for name, value in status.parameters.items()
    ]
