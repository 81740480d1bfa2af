"""Every parameter of the nodes: name, type, default, range and description."""

from __future__ import annotations

from dataclasses import dataclass

from mobilepose_core import (
    DEVICES,
    MAX_FIND_SIZE,
    MAX_THREADS,
    PERSON_FINDERS,
    Rotation,
    Smoothing,
    Tracking,
)
from mobilepose_core.io import drawing
from mobilepose_core.messages import MAX_PIXELS, MarkerStyle
from mobilepose_ros import matched_subscription
from mobilepose_ros.parameter_table import parameter, read_only_like

IMAGE_TRANSPORTS = ("raw", "compressed")

DETECTOR, FULL_FRAME, BOXES = PERSON_FINDERS
TOPIC = "topic"
"""Value of person_finder for `BOXES` from another node."""

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
        "where the networks run; auto uses CUDA if ONNX Runtime supports it, otherwise the CPU",
        choices=DEVICES,
        at_configure=True,
    )
    threads: int = parameter(
        0,
        "CPU threads of each network, and of OpenCV; 0 uses one per core",
        span=(0, MAX_THREADS),
        at_configure=True,
    )
    image_transport: str = parameter(
        "raw",
        "transport of the images: raw on topic image, or compressed on image/compressed",
        choices=IMAGE_TRANSPORTS,
        at_configure=True,
    )
    image_reliability: str = parameter(
        matched_subscription.AUTO,
        "reliability of the subscriptions to images and depth images: auto is reliable if every "
        "publisher is, otherwise best effort",
        choices=tuple(matched_subscription.RELIABILITIES),
        at_configure=True,
    )
    image_rotation: int = parameter(
        0,
        "clockwise rotation that makes the images upright, degrees; joints stay in the coordinates "
        "of the image as published",
        choices=Rotation.ANGLES,
        at_configure=True,
    )
    max_image_pixels: int = parameter(
        MAX_PIXELS,
        "largest number of pixels of an image; larger ones are refused before they are decoded",
        span=(1, 2**31 - 1),
    )
    rectified: bool = parameter(
        False, "whether the images are rectified, such as image_rect", at_configure=True
    )
    use_depth: bool = parameter(
        False,
        "whether joints in metres are computed, from depth images on topic depth that are aligned "
        "with the images",
        at_configure=True,
    )
    depth_tolerance: float = parameter(
        0.05,
        "largest difference between the stamps of an image and its depth image, s",
        span=(0.0, 10.0),
        at_configure=True,
    )
    depth_wait: float = parameter(
        0.25,
        "longest time to wait for an image's depth image, s; ~/joints never waits",
        span=(0.0, 10.0),
        at_configure=True,
    )
    person_finder: str = parameter(
        DETECTOR,
        "what detects people who are not tracked yet: detector, a separate network; full_frame, "
        "the pose network in crops of the frame; topic, boxes on topic person_boxes",
        choices=(DETECTOR, FULL_FRAME, TOPIC),
        at_configure=True,
    )
    detector_model: str = parameter(
        "",
        "path of an .onnx file of the YOLO family, replaces the released network of person_finder "
        "detector",
        at_configure=True,
    )
    find_size: int = parameter(
        0,
        "detector resolution, a multiple of 32 from 96: 320 means about 320x320 pixels in all, and "
        "480x480 in every second look; a larger one detects smaller people and takes longer; 0 is "
        "the default, 256",
        span=(0, MAX_FIND_SIZE),
        at_configure=True,
    )
    find_interval: int = parameter(
        Tracking.find_interval,
        "largest number of images between two detector runs; a pose that becomes unsure starts one "
        "too",
        span=(1, 1000),
    )
    track_timeout: float = parameter(
        Tracking.timeout,
        "time after which a lost track ends, s; a person seen again sooner keeps their ID",
        span=(0.0, 60.0),
    )
    max_people: int = parameter(
        Tracking.max_people, "largest number of people tracked", span=(1, 100)
    )
    person_threshold: float = parameter(
        Tracking.person_threshold,
        "least mean score of a pose's joints for a person; half of it for somebody cut off by the "
        "lower border of the image",
        span=(0.0, 1.0),
    )
    person_boxes_type: str = parameter(
        AUTO,
        "message type on topic person_boxes; auto uses that of its publishers; Detection2DArray "
        "needs vision_msgs",
        choices=PERSON_BOXES_TYPES,
        at_configure=True,
    )
    detection_class: str = parameter(
        "person",
        "class ID of people in a Detection2DArray, as its detector writes it, such as person or 0; "
        "empty accepts all",
        at_configure=True,
    )
    boxes_tolerance: float = parameter(
        0.5,
        "largest difference between the stamps of an image and of boxes, s; must be longer than "
        "their detector takes",
        span=(0.0, 10.0),
        at_configure=True,
    )
    joint_threshold: float = parameter(
        drawing.MIN_SCORE,
        "least score of joints drawn in markers and overlay; ~/joints has all joints",
        span=(0.0, 1.0),
    )
    smoothing_time: float = parameter(
        0.0,
        "time over which a joint at rest is averaged, s; 0 disables smoothing",
        span=(0.0, 10.0),
    )
    smoothing_speed: float = parameter(
        0.5,
        "speed at which a joint is averaged over half of smoothing_time, in lengths of the "
        "person's box per second",
        span=(0.01, 100.0),
    )
    marker_depth: float = parameter(
        MarkerStyle.depth,
        "distance from the camera to the plane of the markers, m",
        span=(0.01, 1e3),
    )
    marker_lifetime: float = parameter(
        MarkerStyle.lifetime,
        "time after which RViz removes a marker that is not updated, s; 0 never",
        span=(0.0, 1e3),
    )
    labels: bool = parameter(
        False, "whether markers and overlay show the track ID and score of each person"
    )
    show_behaviour: bool = parameter(
        False,
        "whether markers and overlay show what people do: heading, velocity, gestures, posture",
    )
    publish_tf: bool = parameter(
        False,
        "whether to send a TF frame person_ID for each tracked person whose position is known; "
        "needs tf2_ros",
    )
    person_frame_prefix: str = parameter(
        AUTO,
        "text before person_ID in the names of TF frames; auto is the node's namespace and a "
        "slash, so that several cameras differ",
    )
    people_frame: str = parameter(
        "",
        "frame that does not move, such as odom: TF frames of people are given in it, and "
        "velocities are relative to it; empty is the camera",
    )
    ground_frame: str = parameter(
        "base_footprint",
        "frame on the ground with z up, by which TF tells where up is and how high the camera; "
        "empty, or unknown to TF, takes the camera to be level",
    )
    max_rate: float = parameter(
        0.0,
        "largest number of images processed per second, others are dropped; 0 means unlimited",
        span=(0.0, 1e3),
    )
    enabled: bool = parameter(
        True, "whether to process images; false unsubscribes from them; set by ~/enable"
    )
    silence_timeout: float = parameter(
        5.0, "time without an image before a warning with the reason, s; 0 never", span=(0.0, 1e3)
    )
    autostart: bool = parameter(
        True, "configure and activate at startup, without a lifecycle manager", read_only=True
    )

    @property
    def finder(self) -> str:
        """The argument `finder` of `PoseEstimator`.

        Raises:
            ValueError: detector_model is set, but person_finder is not detector.
        """
        if self.detector_model and self.person_finder != DETECTOR:
            raise ValueError(
                f"detector_model is {self.detector_model!r}, but person_finder is "
                f"{self.person_finder}; set person_finder to {DETECTOR}, or leave "
                "detector_model empty"
            )
        if self.person_finder == TOPIC:
            return BOXES
        return self.detector_model or self.person_finder

    @property
    def tracking(self) -> Tracking:
        """The parameters about tracking."""
        return Tracking(
            person_threshold=self.person_threshold,
            max_people=self.max_people,
            timeout=self.track_timeout,
            find_interval=self.find_interval,
        )

    @property
    def smoothing(self) -> Smoothing:
        """The parameters about smoothing."""
        return Smoothing(self.smoothing_time, self.smoothing_speed)


@dataclass(frozen=True)
class CameraParameters:
    """Parameters of the camera node."""

    source: str = parameter(
        "",
        "number or /dev/videoN of a webcam, video file, folder of images or image; empty uses "
        "scikit-image's photograph of an astronaut",
        read_only=True,
    )
    rate: float = parameter(15.0, "images per second", span=(0.1, 240.0), read_only=True)
    frame_id: str = parameter(
        "camera_optical_frame", "optical frame in the images' headers (REP-103)", read_only=True
    )
    field_of_view: float = parameter(
        0.0,
        "horizontal field of view, degrees, for a calibration without distortion on topic "
        "camera_info; 0 publishes none",
        span=(0.0, 170.0),
        read_only=True,
    )
    loop: bool = parameter(
        True, "restart at the end of a video or folder instead of stopping", read_only=True
    )
    max_image_pixels: int = read_only_like(PoseParameters, "max_image_pixels")
    motion: float = parameter(
        0.0,
        "amplitude of the known motion that turns a photograph into a video; 0 means no motion",
        span=(0.0, 3.0),
        read_only=True,
    )
