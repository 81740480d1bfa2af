"""A frame with two people, a page server, and browsers that ask it."""

import http.client
import json
import struct
import threading
from urllib.parse import urlsplit

import cv2
import numpy as np
import pytest

from mobilepose_core.pose import Pose
from mobilepose_core.skeleton import UPPER_BODY_11
from mobilepose_core.view import PageServer, ViewedFrame


@pytest.fixture
def make_frame():
    """A grey picture with somebody whose joints are in a row, 10 pixels from each other."""

    def make(people=1, size=(320, 240), skeleton=UPPER_BODY_11, stamp=1_500_000_000, **more):
        count = len(skeleton.joints)
        columns = 20 + 10 * np.arange(count)
        poses = [
            Pose(
                np.stack([columns, np.full(count, 50 + 60 * number)], axis=1).astype(np.float32),
                np.linspace(1, 0.5, count, dtype=np.float32),
                number + 1,
                skeleton=skeleton,
            )
            for number in range(people)
        ]
        image = np.full((size[1], size[0], 3), 90, np.uint8)
        return ViewedFrame(image, poses, stamp, skeleton, **more)

    return make


@pytest.fixture
def serve():
    """Starts page servers, which leave no thread behind."""
    before, servers = set(threading.enumerate()), []

    def start(**settings):
        servers.append(PageServer(port=settings.pop("port", 0), **settings))
        return servers[-1]

    yield start
    for server in servers:
        server.close()
    assert set(threading.enumerate()) <= before


class Browser:
    """Asks a server for frames over one connection, as the page does."""

    def __init__(self, url):
        parts = urlsplit(url)
        self.connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=10)
        self.frame = self.status = 0

    def get(self, path="/", **headers):
        self.connection.request("GET", path, headers=headers)
        answer = self.connection.getresponse()
        return answer, answer.read()

    def next(self):
        """What is new: plain values, and the picture; None without one."""
        _, body = self.get(f"/next?frame={self.frame}&status={self.status}")
        (length,) = struct.unpack(">I", body[:4])
        head = json.loads(body[4 : 4 + length])
        self.frame, self.status = head["frame"], head["status"]
        data = np.frombuffer(body[4 + length :], np.uint8)
        return head, cv2.imdecode(data, cv2.IMREAD_COLOR) if len(data) else None


@pytest.fixture
def visit():
    """Opens connections like those of a browser."""
    opened = []

    def open_(server):
        opened.append(Browser(server.url))
        return opened[-1]

    yield open_
    for browser in opened:
        browser.connection.close()
