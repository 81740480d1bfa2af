import pytest

from mobilepose_ros.image_sizes import ImageSizes

SMALL, LARGE = (320, 240), (640, 480)


@pytest.mark.parametrize(
    ("stamp", "size"), [(100, SMALL), (150, SMALL), (199, SMALL), (200, LARGE), (500, LARGE)]
)
def test_the_size_at_a_stamp_is_that_of_the_images_around_it(stamp, size):
    sizes = ImageSizes()
    for when, what in [(100, SMALL), (150, SMALL), (200, LARGE), (300, LARGE)]:
        sizes.put(when, what)

    assert sizes.at(stamp) == size


def test_before_all_that_is_known_the_latest_counts():
    sizes = ImageSizes()
    sizes.put(100, SMALL)
    sizes.put(200, LARGE)

    assert sizes.at(50) == LARGE
