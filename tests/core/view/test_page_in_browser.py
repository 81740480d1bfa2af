"""The page as Chromium shows it."""

import numpy as np
import pytest
from tools import browser as chromium

from mobilepose_core.skeleton import COCO_17, UPPER_BODY_11
from mobilepose_core.view import ERROR, WARN, PageServer, Rates, ViewStatus, page_data

if chromium.program() is None:
    pytest.skip(f"no browser ({', '.join(chromium.NAMES)})", allow_module_level=True)

SIZE = (1000, 600)


@pytest.fixture(scope="module")
def page():
    with chromium.browser() as opened:
        yield opened


def shown(page, count=1):
    page.wait(f"Number(document.getElementById('stage').dataset.frame) >= {count}")


def text(page, selector):
    return page.ask(f"document.querySelector('{selector}').textContent")


@pytest.mark.parametrize("skeleton", [UPPER_BODY_11, COCO_17], ids=lambda one: one.name)
def test_skeletons_are_drawn_over_the_image_in_their_colours(page, serve, make_frame, skeleton):
    server = serve()
    frame = make_frame(people=2, skeleton=skeleton, size=(320, 240))
    server.show(frame)

    page.open(server.url, SIZE)
    shown(page)

    lines, circles = (
        page.ask(f"document.querySelectorAll('#skeletons {kind}').length")
        for kind in ("line", "circle")
    )
    assert (lines, circles) == (2 * len(skeleton.edges), 2 * len(skeleton.joints))
    picture = page.photograph()
    x, y, width, height = page.ask(
        "(() => { const b = document.getElementById('image').getBoundingClientRect();"
        " return [b.x, b.y, b.width, b.height]; })()"
    )
    assert width / height == pytest.approx(320 / 240, rel=0.01)
    sent = page_data.people(frame)["skeleton"]["joints"]
    for pose in frame.poses:
        for (name, side), (joint_x, joint_y) in zip(sent, pose.joints, strict=True):
            column = round(x + (joint_x + 0.5) * width / 320)
            row = round(y + (joint_y + 0.5) * height / 240)
            own = page_data.hexadecimal(page_data.drawing.track_colour(pose.track_id))
            assert near(picture[row, column], side or own), name
    corner = picture[round(y + height - 20), round(x + width - 20)]
    assert np.abs(corner.astype(int) - 90).max() < 6  # the image itself
    assert page.complaints == []


def near(pixel, colour):
    """Whether a pixel (BGR) has a colour of CSS."""
    wanted = [int(colour[i : i + 2], 16) for i in (5, 3, 1)]
    return np.abs(pixel.astype(int) - wanted).max() < 12


def test_joints_below_the_least_score_are_left_out(page, serve, make_frame):
    server = serve()
    server.tell(ViewStatus(min_score=0.76))
    server.show(make_frame())

    page.open(server.url, SIZE)
    shown(page)

    assert page.ask("document.querySelectorAll('#skeletons circle').length") == 5


def test_people_rates_and_parameters_are_listed(page, serve, make_frame):
    server = serve()
    server.tell(
        ViewStatus(
            "film <b>.mp4",
            WARN,
            "inference keeps up with less than half of the images",
            Rates(30.0, 14.96, 0.0213),
            {"model": "final"},
            {"labels": True, "params": "<script>alert(1)</script>"},
        )
    )
    server.show(make_frame(people=2))

    page.open(server.url, SIZE)
    shown(page)

    assert text(page, "#people") == "person 10.75person 20.75"
    assert [text(page, f"#{name}") for name in ("received", "processed", "latency")] == [
        "30.0",
        "15.0",
        "21.3",
    ]
    assert text(page, "#state") == "attention"
    assert text(page, "#message") == "inference keeps up with less than half of the images"
    assert text(page, "#title") == "film <b>.mp4"
    assert text(page, "#details table") == "modelfinal"
    assert text(page, "#parameters table") == "labelstrueparams<script>alert(1)</script>"
    assert page.ask("document.querySelectorAll('#parameters script').length") == 0


def test_the_next_frame_follows_by_itself(page, serve, make_frame):
    server = serve()
    server.show(make_frame(people=1))
    page.open(server.url, SIZE)
    shown(page)

    server.show(make_frame(people=0))
    shown(page, 2)

    assert text(page, "#people") == "nobody"
    assert page.ask("document.querySelectorAll('#skeletons line').length") == 0


def test_a_lost_connection_is_said_and_found_again(page, serve, make_frame):
    server = serve()
    page.open(server.url, SIZE)
    server.tell(ViewStatus("before"))
    server.show(make_frame())
    shown(page)
    port = int(server.url.rstrip("/").rpartition(":")[2])
    server.close()
    page.wait("document.getElementById('state').textContent == 'no connection'")

    again = PageServer(port=port)
    again.tell(ViewStatus("after", ERROR))
    again.show(make_frame(people=2))

    page.wait("document.getElementById('title').textContent == 'after'")
    page.wait("document.querySelectorAll('#people li').length == 2")
    again.close()


def test_both_colour_schemes_are_legible(page, serve):
    server = serve()
    for is_dark in (False, True):
        page.open(server.url, SIZE, is_dark)
        page.wait("document.getElementById('people') !== null")
        ground, ink = page.ask(
            "(() => { const s = getComputedStyle(document.body);"
            " return [s.backgroundColor, s.color]; })()"
        )
        assert (brightness(ground) < 60) == is_dark
        assert abs(brightness(ground) - brightness(ink)) > 150


def brightness(css):
    return np.mean([float(part) for part in css[4:-1].split(",")[:3]])


def test_the_page_asks_no_other_host(page, serve, make_frame):
    server = serve()
    server.show(make_frame())
    page.open(server.url, SIZE)
    shown(page)

    urls = page.ask("performance.getEntriesByType('resource').map((entry) => entry.name)")

    assert len(urls) > 2
    assert all(url.startswith(server.url) for url in urls)


def test_a_large_image_keeps_its_shape(page, serve, make_frame):
    server = serve()
    server.show(make_frame(size=(3000, 1000)))

    page.open(server.url, SIZE)
    shown(page)

    canvas = page.ask(
        "[document.querySelector('canvas').width, document.querySelector('canvas').height]"
    )
    assert canvas == [1280, 427]
