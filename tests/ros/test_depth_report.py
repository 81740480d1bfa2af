import pytest

from mobilepose_ros.depth_report import NEGLIGIBLE, SYNCHRONISED_MEMORY, DepthReport

SECOND = 1_000_000_000
TOLERANCE, WAIT = 0.05, 0.25


@pytest.fixture
def report():
    return DepthReport("/depth", TOLERANCE, WAIT)


def test_images_are_counted_by_the_depth_that_they_had(report):
    report.matched(is_same=True)
    report.matched(is_same=True)
    report.matched(is_same=False)
    report.missing(5 * SECOND, None, 1.0)

    assert report.figures() == {
        "depth: of the same stamp": "2",
        "depth: of the nearest stamp": "1",
        "depth: none": "1",
        "depth: came too late": "0",
        "depth: not published": "0",
    }


def test_without_any_depth_image_the_reason_is_the_topic(report):
    why = report.missing(1, None, 1.0)

    assert "no depth image was received on /depth: is `depth` remapped" in why


def test_depth_that_comes_too_late_is_counted_and_the_reason_from_then_on(report):
    report.received(3 * SECOND, 10.0)
    report.missing(5 * SECOND, 2.0, arrival=10.0)

    report.received(5 * SECOND, 10.4)
    why = report.missing(6 * SECOND, 1.0, arrival=11.0)

    assert "arrive 0.40 s after their images, but depth_wait is 0.25 s" in why
    assert report.figures()["depth: came too late"] == "1"


def test_depth_that_came_late_is_in_step_so_that_another_images_is_not_taken(report):
    assert not report.is_synchronised
    report.missing(5 * SECOND, None, arrival=10.0)

    report.received(5 * SECOND, 10.4)

    assert report.is_synchronised


def test_depth_is_out_of_step_after_many_images_whose_depth_had_another_stamp(report):
    report.matched(is_same=True)
    for _ in range(SYNCHRONISED_MEMORY):
        assert report.is_synchronised
        report.matched(is_same=False)

    assert not report.is_synchronised


@pytest.mark.parametrize(
    ("stamp", "apart", "arrival", "reason"),
    [
        (5 * SECOND, 0.7, 10.1, "the nearest on /depth is 0.700 s away"),
        (0, 5.0, 10.1, "the image has no stamp"),
        (5 * SECOND, 5.0, 15.0, "no depth image on /depth for 5 s"),
        (5 * SECOND, 0.03, 10.1, "own depth image did not arrive on /depth within depth_wait"),
    ],
)
def test_the_reason_says_what_to_look_at(report, stamp, apart, arrival, reason):
    report.received(1, now=10.0)

    assert reason in report.missing(stamp, apart, arrival)


def test_a_few_images_without_depth_are_no_trouble_and_many_are_with_their_number(report):
    for _ in range(round(1 / NEGLIGIBLE)):
        report.matched(is_same=True)
    report.missing(1, None, 1.0)
    assert report.trouble == ""

    report.missing(2, None, 1.0)
    assert "(2 of 22 images of the last 10 s)" in report.trouble


def test_an_image_of_which_nothing_was_published_is_counted_and_trouble(report):
    report.matched(is_same=True)
    assert report.trouble == ""

    report.not_published("too slow")

    assert report.figures()["depth: not published"] == "1"
    assert report.trouble == "too slow (1 images of the last 10 s)"


def test_an_image_that_could_not_wait_long_enough_has_that_reason(report):
    report.received(1, now=10.0)

    why = report.missing(5 * SECOND, 0.7, arrival=10.1, is_early=True)

    assert "wait less than depth_wait, 0.25 s" in why
