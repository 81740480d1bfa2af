"""Images lost in transport: counts and explanations."""

from types import SimpleNamespace

import pytest
from rclpy.qos import QoSProfile, ReliabilityPolicy

from mobilepose_ros import fastdds, transport_loss
from mobilepose_ros.counters import Drop, Performance
from mobilepose_ros.transport_loss import TransportLoss

CAMERA, OTHER = b"camera", b"other"
HOST, OTHER_HOST = b"host", b"else"
BEST_EFFORT, RELIABLE = ReliabilityPolicy.BEST_EFFORT, ReliabilityPolicy.RELIABLE
LARGE, SMALL = 640 * 480 * 3, 10_000


@pytest.fixture
def performance():
    return Performance()


@pytest.fixture
def loss(performance):
    """What is counted of one camera that was there before."""
    counted = TransportLoss(performance, is_reported=True)
    counted.settle({CAMERA})
    return counted


def settled(loss, sources=(CAMERA,)):
    """Two looks: what is missing at the first is counted at the second."""
    for _ in range(2):
        loss.settle(set(sources))


def come(loss, *sequence):
    for number in sequence:
        loss.received(number)


def test_an_unexplained_jump_of_the_sequence_is_counted_as_replaced_images(loss, performance):
    come(loss, 5, 6, 9)
    settled(loss)

    assert performance.counters.dropped == {Drop.REPLACED: 2}
    assert performance.counters.received == 2  # they came in


def test_what_the_middleware_reports_as_lost_was_not_replaced(loss, performance):
    come(loss, 5, 6)
    loss.lost(2)
    come(loss, 10)
    settled(loss)

    assert performance.counters.dropped == {Drop.LOST: 2, Drop.REPLACED: 1}
    assert performance.counters.received == 1


def test_a_report_that_comes_after_the_next_look_is_not_counted_twice(loss, performance):
    come(loss, 5, 8)
    loss.settle({CAMERA})
    loss.lost(2)
    loss.settle({CAMERA})

    assert performance.counters.dropped == {Drop.LOST: 2}


def test_what_was_lost_before_the_first_image_explains_no_later_jump(loss, performance):
    loss.lost(3)
    come(loss, 5, 7)
    settled(loss)

    assert performance.counters.dropped == {Drop.LOST: 3, Drop.REPLACED: 1}


def test_a_camera_that_starts_anew_has_lost_nothing(loss, performance):
    come(loss, 500, 1, 2)
    settled(loss)

    assert not performance.counters.dropped


def test_what_is_missing_when_the_camera_goes_is_counted(loss, performance):
    come(loss, 1, 4)
    settled(loss, ())

    assert performance.counters.dropped == {Drop.REPLACED: 2}


def test_what_is_missing_before_the_first_look_at_a_new_camera_is_counted(performance):
    loss = TransportLoss(performance, is_reported=True)
    come(loss, 1, 4)
    settled(loss)
    settled(loss, ())
    come(loss, 1, 6)
    settled(loss, {OTHER})

    assert performance.counters.dropped == {Drop.REPLACED: 6}


@pytest.mark.parametrize("sources", [(CAMERA, OTHER), (OTHER,)])
def test_sequences_of_several_publishers_are_not_compared(loss, performance, sources):
    come(loss, 1, 500, 2, 501)
    settled(loss, sources)

    assert not performance.counters.dropped


def test_after_a_change_of_publishers_the_count_goes_on(loss, performance):
    come(loss, 1)
    settled(loss, {OTHER})
    come(loss, 500, 502)
    settled(loss, {OTHER})

    assert performance.counters.dropped == {Drop.REPLACED: 1}


def test_a_middleware_without_sequence_numbers_has_nothing_missing(loss, performance):
    come(loss, None, None)
    settled(loss)

    assert not performance.counters.dropped


def test_all_that_is_missing_is_lost_where_the_middleware_reports_nothing(performance):
    loss = TransportLoss(performance, is_reported=False)
    settled(loss)
    come(loss, 1, 4)
    settled(loss)

    assert performance.counters.dropped == {Drop.LOST: 2}


@pytest.mark.parametrize(
    ("lost", "published", "is_worth_it"),
    [(0, 0, False), (1, 3, False), (2, 6, True), (3, 100, False), (4, 100, True)],
)
def test_more_than_a_few_per_cent_are_worth_a_warning(lost, published, is_worth_it):
    assert transport_loss.is_worth_a_warning(lost, published) is is_worth_it


def test_the_share_is_that_of_the_last_seconds(performance):
    for _ in range(5):
        performance.arrived()
    performance.lost(3)
    performance.replaced(2)

    assert transport_loss.recent(performance) == (3, 10)


def camera(reliability=RELIABLE, host=HOST, name="camera"):
    return SimpleNamespace(
        node_name=name,
        node_namespace="/front",
        endpoint_gid=list(host + bytes(12)),
        qos_profile=QoSProfile(depth=1, reliability=reliability),
    )


@pytest.mark.parametrize(
    ("publishers", "subscription", "size", "host", "cure", "never"),
    [
        ([camera(BEST_EFFORT)], BEST_EFFORT, LARGE, HOST, "of 0.9 MB do not fit", "another host"),
        ([camera(BEST_EFFORT)], BEST_EFFORT, LARGE, HOST, "/front/camera publish reliably", "auto"),
        ([camera(BEST_EFFORT)], BEST_EFFORT, LARGE, HOST, fastdds.variable(), "auto"),
        ([camera(BEST_EFFORT)], BEST_EFFORT, 0, HOST, "large images do not fit", "0.0 MB"),
        ([camera()], RELIABLE, LARGE, HOST, fastdds.variable(), "publish reliably"),
        ([camera()], RELIABLE, LARGE, HOST, "as the user of this node", "publish reliably"),
        ([camera()], BEST_EFFORT, LARGE, HOST, "set image_reliability to auto", fastdds.variable()),
        ([camera(BEST_EFFORT)], BEST_EFFORT, SMALL, HOST, "cores busy", fastdds.variable()),
        ([camera(host=OTHER_HOST)], RELIABLE, LARGE, HOST, "compressed", fastdds.variable()),
        ([camera(host=OTHER_HOST)], RELIABLE, LARGE, b"", fastdds.variable(), "another host"),
        ([], RELIABLE, LARGE, HOST, "start the camera with", "another host"),
    ],
)
def test_the_advice_fits_the_cause(publishers, subscription, size, host, cure, never):
    text = transport_loss.explanation("/image", (20, 60), publishers, subscription, size, host)

    assert text.startswith("20 of 60 images on /image were lost in transport in the last 10 s: ")
    assert cure in text
    assert never not in text


def test_another_middleware_is_not_given_fast_dds_s_profile(monkeypatch):
    monkeypatch.setenv("RMW_IMPLEMENTATION", "rmw_cyclonedds_cpp")

    text = transport_loss.explanation("/image", (2, 6), [camera()], RELIABLE, LARGE)

    assert "give the middleware buffers" in text
    assert fastdds.variable() not in text
