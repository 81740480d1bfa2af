"""Every parameter of the nodes: name, type, default, range and description, each in one place."""

from __future__ import annotations

from dataclasses import dataclass

from mobilepose_core.inference.detection import center_detector, person_detector
from mobilepose_core.inference.rotation import ANGLES
from mobilepose_core.inference.runtime.devices import DEVICES
from mobilepose_core.inference.tracking.settings import Tracking
from mobilepose_core.inference.tracking.smoothing import Smoothing
from mobilepose_core.io import drawing
from mobilepose_ros import matched_subscription
from mobilepose_ros.parameter_table import parameter

IMAGE_TRANSPORTS = ("raw", "compressed")

TOPIC = "topic"
PERSON_FINDERS = (person_detector.DETECTOR, person_detector.FULL_FRAME, TOPIC)

AUTO = "auto"
PERSON_BOXES_TYPES = (AUTO, "PersonBoxArray", "RegionOfInterest", "Detection2DArray")


@dataclass(frozen=True)
class PoseParameters:
    """Parameters of the pose node."""

    model: str = parameter(
        "final", "name of a released model, or path of an .onnx file", at_configure=True
    )
    device: str = parameter(
        "auto",
        "where the networks run; auto takes CUDA where ONNX Runtime can use it, else the CPU",
        choices=DEVICES,
        at_configure=True,
    )
    threads: int = parameter(
        0, "CPU threads of the network; 0 takes one for each core", span=(0, 256), at_configure=True
    )
    image_transport: str = parameter(
        "raw",
        "how images come in: raw from topic image, or compressed from image/compressed",
        choices=IMAGE_TRANSPORTS,
        at_configure=True,
    )
    image_reliability: str = parameter(
        matched_subscription.AUTO,
        "reliability of the subscription to images and depth images: auto is reliable where every "
        "publisher of them is, and best effort otherwise",
        choices=tuple(matched_subscription.RELIABILITIES),
        at_configure=True,
    )
    image_rotation: int = parameter(
        0,
        "clockwise turn that makes the images upright, degrees; joints stay in the coordinates of "
        "the image as published",
        choices=ANGLES,
        at_configure=True,
    )
    rectified: bool = parameter(
        False, "whether the images are rectified already, such as image_rect", at_configure=True
    )
    use_depth: bool = parameter(
        False,
        "whether joints in metres come from depth images on topic depth, aligned with the images",
        at_configure=True,
    )
    depth_tolerance: float = parameter(
        0.05,
        "how far the stamps of an image and its depth image may be apart, s",
        span=(0.0, 10.0),
        at_configure=True,
    )
    depth_wait: float = parameter(
        0.25,
        "how long after an image its depth image is waited for, s; ~/joints never waits",
        span=(0.0, 10.0),
        at_configure=True,
    )
    person_finder: str = parameter(
        person_detector.DEFAULT,
        "what finds people who are not followed yet: detector, a network of its own; full_frame, "
        "the pose network in crops of the frame; topic, boxes on topic person_boxes",
        choices=PERSON_FINDERS,
        at_configure=True,
    )
    detector_model: str = parameter(
        "",
        "path of an .onnx file of the YOLO family, in place of the released finder of "
        "person_finder detector",
        at_configure=True,
    )
    find_size: int = parameter(
        0,
        "side of the square with as many pixels as the canvas that person_finder detector looks "
        "at, a multiple of 32 from 96 on: larger finds smaller people and takes longer; 0 takes "
        "the usual one, 320",
        span=(0, center_detector.LARGEST),
        at_configure=True,
    )
    find_interval: int = parameter(
        Tracking.find_interval,
        "people are found anew every so many images at least, and when somebody gets unsure",
        span=(1, 1000),
    )
    track_timeout: float = parameter(
        Tracking.timeout,
        "time unseen after which a person is forgotten; who comes back sooner keeps the id, s",
        span=(0.0, 60.0),
    )
    max_people: int = parameter(
        Tracking.max_people, "how many people are followed at most", span=(1, 100)
    )
    person_threshold: float = parameter(
        Tracking.person_threshold,
        "mean score of a pose's joints from which it is a person",
        span=(0.0, 1.0),
    )
    person_boxes_type: str = parameter(
        AUTO,
        "type of the messages on topic person_boxes; auto takes that of its publishers; "
        "Detection2DArray needs vision_msgs",
        choices=PERSON_BOXES_TYPES,
        at_configure=True,
    )
    detection_class: str = parameter(
        "person",
        "class of a Detection2DArray's detections that are people, as its detector writes it, "
        "such as person or 0; empty takes all",
        at_configure=True,
    )
    boxes_tolerance: float = parameter(
        0.5,
        "how far the stamps of an image and of boxes may be apart, s; longer than their detector "
        "takes",
        span=(0.0, 10.0),
        at_configure=True,
    )
    joint_threshold: float = parameter(
        drawing.MIN_SCORE,
        "score from which a joint is drawn in markers and overlay; ~/joints carries all of them",
        span=(0.0, 1.0),
    )
    smoothing_time: float = parameter(
        0.0,
        "time over which a joint at rest is averaged, s; 0 leaves joints as they are found",
        span=(0.0, 10.0),
    )
    smoothing_speed: float = parameter(
        0.5,
        "speed at which a joint is averaged over half of that, in lengths of the person's box per "
        "second",
        span=(0.01, 100.0),
    )
    marker_depth: float = parameter(
        2.0, "distance of the plane in front of the camera that markers lie on, m", span=(0.01, 1e3)
    )
    marker_lifetime: float = parameter(
        0.5, "time after which RViz drops a marker that is not renewed, s; 0 never", span=(0.0, 1e3)
    )
    labels: bool = parameter(
        False, "whether markers and overlay have a text with the track and score of each person"
    )
    max_rate: float = parameter(
        0.0,
        "images that are worked on per second at most, others are dropped at once; 0 takes all",
        span=(0.0, 1e3),
    )
    enabled: bool = parameter(
        True, "whether images are taken in; false unsubscribes from them; ~/enable sets it"
    )
    silence_timeout: float = parameter(
        5.0, "time without an image after which a warning says why, s; 0 never", span=(0.0, 1e3)
    )
    autostart: bool = parameter(
        True, "configure and activate at once, without a lifecycle manager", read_only=True
    )

    @property
    def finder(self) -> str:
        """What finds people, as `PoseEstimator` takes it.

        Raises:
            ValueError: a detector's file is given, and something else is to find people.
        """
        if self.detector_model and self.person_finder != person_detector.DETECTOR:
            raise ValueError(
                f"detector_model is {self.detector_model!r}, but person_finder is "
                f"{self.person_finder}; set person_finder to {person_detector.DETECTOR}, or "
                "detector_model "
                "to nothing"
            )
        if self.person_finder == TOPIC:
            return person_detector.BOXES
        return self.detector_model or self.person_finder

    @property
    def tracking(self) -> Tracking:
        """How people are followed."""
        return Tracking(
            person_threshold=self.person_threshold,
            max_people=self.max_people,
            timeout=self.track_timeout,
            find_interval=self.find_interval,
        )

    @property
    def smoothing(self) -> Smoothing:
        """How much joints are steadied."""
        return Smoothing(self.smoothing_time, self.smoothing_speed)


@dataclass(frozen=True)
class CameraParameters:
    """Parameters of the camera node."""

    source: str = parameter(
        "",
        "number or /dev/videoN of a webcam, video file, folder of images or image; empty takes "
        "scikit-image's photograph of an astronaut",
        read_only=True,
    )
    rate: float = parameter(15.0, "images per second", span=(0.1, 240.0), read_only=True)
    frame_id: str = parameter(
        "camera_optical_frame", "optical frame in the images' headers (REP-103)", read_only=True
    )
    field_of_view: float = parameter(
        0.0,
        "from the left edge of the images to the right, degrees, for a calibration without "
        "distortion on topic camera_info; 0 publishes none",
        span=(0.0, 170.0),
        read_only=True,
    )
    loop: bool = parameter(
        True, "start again at the end of a video or folder, instead of ending", read_only=True
    )
    motion: float = parameter(
        0.0,
        "amplitude of the known motion that makes a video of a photograph; 0 keeps it still",
        span=(0.0, 3.0),
        read_only=True,
    )
