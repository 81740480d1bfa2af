"""`mobilepose view`: people in a webcam, video, photograph or recording, live in a browser."""

from __future__ import annotations

import argparse
import functools
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING

from mobilepose_core.cli.commands import Commands
from mobilepose_core.cli.options import (
    add_device,
    add_find_size,
    add_finder,
    add_max_image_pixels,
    add_model,
    add_threads,
    add_video,
    check_finder,
    pixel_limit,
    video_estimator,
)
from mobilepose_core.cli.parser import UsageError
from mobilepose_core.cli.values import path, port, share
from mobilepose_core.view.address import DEFAULT_HOST, DEFAULT_PORT, FOXGLOVE_PORT

if TYPE_CHECKING:
    from mobilepose_core.io.sources import Photograph
    from mobilepose_core.pose import Pose
    from mobilepose_core.view import FoxgloveSink
    from mobilepose_core.view.playback import Playback, PlayedImage
    from mobilepose_core.view.viewing import Subject

log = logging.getLogger(__name__)

_DESCRIPTION = """
Shows the people in a webcam, video, photograph or recording of ROS 2 on a page for browsers, with
the rates and the parameters: see the address that is printed. Ctrl-C ends it.

People are looked for only while somebody looks or a file is written. If the network is slower than
the camera, the newest image wins. A video, recording or folder begins when the page is opened; the
photographs of a folder are shown for three seconds each.
"""

_EPILOG = """
The page is for browsers of this machine. With --host it listens elsewhere, without a password and
without encryption.
"""

SHOWN = ("model", "device", "threads", "finder", "find_size", "smoothing_time", "rotate")
"""Options that the page shows as parameters."""


def add(commands: Commands) -> None:
    """The command and its options."""
    parser = commands.add_parser(
        "view",
        help="show people live in a browser, or in Foxglove",
        description=_DESCRIPTION,
        epilog=_EPILOG,
    )
    parser.add_argument(
        "input",
        metavar="INPUT",
        help="webcam (0, /dev/video0), video, photograph, folder of photographs, address "
        "(rtsp://...), rosbag2 or one of its files",
    )
    _add_page(parser.add_argument_group("page"))
    _add_foxglove(parser.add_argument_group("Foxglove"))
    playback = parser.add_argument_group("input")
    playback.add_argument("--loop", action="store_true", help="begin anew at the end")
    playback.add_argument(
        "--image", default="", metavar="TOPIC", help="topic of images in a recording"
    )
    add_max_image_pixels(playback)
    estimator = parser.add_argument_group("estimator")
    add_model(estimator)
    add_device(estimator)
    add_threads(estimator)
    add_finder(estimator, "what detects people: detector, full_frame, or a detector's .onnx file")
    add_find_size(estimator)
    add_video(estimator)
    parser.set_defaults(run=_run, extra="cpu")


def _add_page(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--host", default=DEFAULT_HOST, metavar="ADDRESS", help="address to listen on"
    )
    group.add_argument(
        "--port", type=port, default=DEFAULT_PORT, metavar="NUMBER", help="port; 0 takes a free one"
    )
    group.add_argument(
        "--joint-threshold",
        type=share,
        default=0.5,
        metavar="SCORE",
        help="least score of joints that are drawn",
    )


def _add_foxglove(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--foxglove",
        action="store_true",
        help="listen for Foxglove, too; any page that is open in a browser of this machine can "
        "connect to it",
    )
    group.add_argument(
        "--foxglove-port",
        type=port,
        default=FOXGLOVE_PORT,
        metavar="NUMBER",
        help="port; 0 takes a free one",
    )
    group.add_argument(
        "--record",
        type=path,
        metavar="FILE",
        help="write an .mcap for Foxglove: of every image of a video or recording, as fast as "
        "possible, and end with it; of a webcam what is processed until Ctrl-C",
    )


def _run(options: argparse.Namespace) -> int:
    from mobilepose_core.view import PageServer, exposure
    from mobilepose_core.view.viewing import Viewing

    check_finder(options.finder, options.find_size)
    if options.record and options.loop:
        raise UsageError("--record ends with the input and --loop never does; give one of them")
    with ExitStack() as stack:
        playback = stack.enter_context(closing(_playback(options)))
        page = stack.enter_context(closing(PageServer(options.host, options.port)))
        sink: FoxgloveSink | None = None
        if options.foxglove or options.record:
            sink = stack.enter_context(closing(_foxglove(options)))
        subject = _subject(options)
        if warning := exposure(options.host):
            log.warning("%s", warning)
        print(f"{page.url} shows {options.input}", flush=True)
        if sink is not None and sink.url:
            print(f"{sink.url} is for Foxglove; layout: {page.url}foxglove-layout.json", flush=True)
        try:
            Viewing(subject, playback, page, sink, bool(options.record)).run()
        except KeyboardInterrupt:
            return 0
    if playback.fault:
        log.error("%s", playback.fault)
    return 1 if playback.fault else 0


def _subject(options: argparse.Namespace) -> Subject:
    """The input, and the estimator that finds people in it."""
    from mobilepose_core.inference.rotation import Rotation
    from mobilepose_core.view.viewing import Subject

    estimator, rotation = video_estimator(options), Rotation(options.rotate)

    def find(played: PlayedImage) -> Sequence[Pose]:
        if played.is_first:
            estimator.begin_video()
        height, width = played.image.shape[:2]
        poses = estimator(rotation.upright(played.image), played.time)
        return rotation.poses_in_image(poses, width, height)

    return Subject(
        options.input,
        find,
        estimator.model.skeleton,
        estimator.model.describe(),
        {name: getattr(options, name) for name in SHOWN},
        options.joint_threshold,
    )


def _foxglove(options: argparse.Namespace) -> FoxgloveSink:
    from mobilepose_core.io import pictures
    from mobilepose_core.io.drawing import check_folder
    from mobilepose_core.view import FoxgloveSink

    sink = FoxgloveSink()
    if options.record:
        check_folder(options.record)
        pictures.check_apart(Path(options.input), options.record)
        sink.record(options.record)
    if options.foxglove:
        sink.serve(options.host, options.foxglove_port)
    return sink


def _playback(options: argparse.Namespace) -> Playback:
    """Reads the input.

    Raises:
        ValueError: it cannot be opened.
    """
    from mobilepose_core.io.file_names import expanded
    from mobilepose_core.io.sources import Photograph, is_live, open_source
    from mobilepose_core.recordings import storage
    from mobilepose_core.view.playback import Playback, images_of

    takes_all = bool(options.record)
    if storage.is_recording(recording := expanded(options.input)):
        from mobilepose_core.recordings import playback as recorded
        from mobilepose_core.recordings.sources import recordings_of

        if recording.is_dir() and len(found := recordings_of(recording)) > 1:
            names = ", ".join(path.name for path in found)
            raise UsageError(f"{recording} has {len(found)} recordings; name one of them: {names}")
        camera = recorded.chosen_camera(recording, options.image)
        images: Callable[[], Iterator[PlayedImage]]
        images = functools.partial(recorded.images_of, recording, camera)
        return Playback(images, takes_all=takes_all, loops=options.loop)
    if options.image:
        raise UsageError("--image is a topic of a recording, and this input is none")
    sources = open_source(options.input, pixel_limit(options))
    if len(sources) > 1:  # of a folder
        return _slides([one for one in sources if isinstance(one, Photograph)], options)
    (source,) = sources
    images = functools.partial(images_of, source)
    playback = Playback(
        images,
        is_paced=not is_live(source),
        takes_all=takes_all and not is_live(source),
        loops=options.loop and not is_live(source),
    )
    if is_live(source):
        playback.begin()
    return playback


def _slides(photographs: Sequence[Photograph], options: argparse.Namespace) -> Playback:
    """The photographs of a folder one after another; logs which of its files are none."""
    from mobilepose_core.io.file_names import expanded
    from mobilepose_core.io.sources import skipped_in
    from mobilepose_core.view.playback import PHOTOGRAPH_TIME, Playback, images_of_folder

    if skipped := [file.name for file in skipped_in(expanded(options.input))]:
        some = ", ".join([*skipped[:5], *(["..."] if len(skipped) > 5 else [])])
        log.warning("%s: skipped, not photographs by their names: %s", options.input, some)
    return Playback(
        functools.partial(images_of_folder, photographs),
        takes_all=bool(options.record),
        loops=options.loop,
        shortest_pass=len(photographs) * PHOTOGRAPH_TIME,
    )
