"""The page over HTTP: what it sends, what it costs, and whom it refuses."""

import http.client
import socket
import threading
import time

import pytest

from mobilepose_core.view import ViewStatus, feed, page_data
from mobilepose_core.view import server as page_server
from mobilepose_core.view.address import exposure, host_of, is_loopback


def until(condition, what, seconds=10):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.005)


@pytest.fixture
def encodings(monkeypatch):
    """The frames that were encoded."""
    made, people = [], page_data.people
    monkeypatch.setattr(page_data, "people", lambda frame: made.append(frame) or people(frame))
    return made


def test_a_browser_gets_each_frame_once_with_its_picture_and_people(serve, visit, make_frame):
    server, first = serve(), make_frame()
    server.show(first)
    server.tell(ViewStatus("film.mp4"))
    browser = visit(server)

    head, picture = browser.next()

    assert [person["id"] for person in head["people"]] == [1]
    assert head["about"]["title"] == "film.mp4"
    assert picture.shape == (240, 320, 3)
    assert abs(int(picture[120, 160, 0]) - 90) < 3
    server.show(make_frame(people=2))
    head, _ = browser.next()
    assert [person["id"] for person in head["people"]] == [1, 2]
    assert "about" not in head  # nothing new


def test_a_browser_that_waits_gets_the_frame_as_it_comes(serve, visit, make_frame):
    server = serve()
    browser, heard = visit(server), []
    thread = threading.Thread(target=lambda: heard.append(browser.next()))
    thread.start()
    until(lambda: server.wants_frame, "a request")

    server.show(make_frame())
    thread.join(10)

    (head, picture), *_ = heard
    assert head["frame"] == 1
    assert picture is not None


def test_without_a_frame_the_answer_has_the_status(serve, visit, monkeypatch):
    monkeypatch.setattr(feed, "WAIT", 0.01)
    server = serve()
    server.tell(ViewStatus(message="no image on /image for 5 s"))

    head, picture = visit(server).next()

    assert head["about"]["message"] == "no image on /image for 5 s"
    assert "people" not in head
    assert picture is None


def test_nothing_is_encoded_without_a_browser_and_once_for_several(
    serve, visit, make_frame, encodings
):
    server = serve()
    for _ in range(100):
        server.show(make_frame())
    assert encodings == []
    assert not server.has_viewers

    heads = [visit(server).next()[0] for _ in range(3)]

    assert len(encodings) == 1
    assert {head["frame"] for head in heads} == {100}
    assert server.has_viewers


def test_a_slow_browser_misses_frames_and_gets_the_newest(serve, visit, make_frame):
    server = serve()
    browser = visit(server)
    server.show(make_frame(stamp=0))
    browser.next()

    for second in range(1, 51):
        server.show(make_frame(stamp=second * 10**9))

    assert browser.next()[0]["stamp"] == 50


def test_a_browser_that_reads_nothing_delays_neither_the_program_nor_others(
    serve, visit, make_frame
):
    server = serve()
    stuck = socket.create_connection(("127.0.0.1", int(server.url.split(":")[-1].strip("/"))))
    request = b"GET /next?frame=0 HTTP/1.1\r\nHost: localhost\r\n\r\n"
    server.show(make_frame(size=(1200, 900)))
    stuck.sendall(request * 200)  # more answers than fit into the buffers
    browser = visit(server)

    begin = time.monotonic()
    for _ in range(20):
        server.show(make_frame())
        browser.next()

    assert time.monotonic() - begin < 5
    stuck.close()


def test_a_viewer_is_forgotten_after_a_while(serve, visit, make_frame, monkeypatch):
    monkeypatch.setattr(feed, "LINGER", 0.05)
    server = serve()
    server.show(make_frame())
    visit(server).next()

    until(lambda: not server.has_viewers, "nobody")


def test_a_browser_that_leaves_leaves_no_thread_behind(serve, visit, make_frame):
    before = threading.active_count()
    server = serve()
    server.show(make_frame())
    browsers = [visit(server) for _ in range(5)]
    for browser in browsers:
        browser.next()
    assert threading.active_count() == before + 6

    for browser in browsers:
        browser.connection.close()

    until(lambda: threading.active_count() == before + 1, "the end of their threads")


def test_a_browser_that_leaves_while_it_waits_leaves_no_thread_behind(serve, visit, monkeypatch):
    monkeypatch.setattr(feed, "WAIT", 0.1)
    before = threading.active_count()
    server = serve()
    browser = visit(server)
    browser.connection.request("GET", "/next")
    until(lambda: server.wants_frame, "a request")

    browser.connection.close()

    until(lambda: threading.active_count() == before + 1, "the end of its thread")


def test_a_silent_connection_is_closed(serve, monkeypatch):
    monkeypatch.setattr(page_server._Request, "timeout", 0.05)
    server = serve()
    silent = socket.create_connection(("127.0.0.1", int(server.url.split(":")[-1].strip("/"))))
    silent.settimeout(10)

    assert silent.recv(1) == b""
    silent.close()


def test_connections_are_limited(serve, visit, monkeypatch):
    monkeypatch.setattr(page_server, "MAX_CONNECTIONS", 2)
    server = serve()
    for _ in range(2):
        assert visit(server).get()[0].status == 200

    with pytest.raises((http.client.HTTPException, OSError)):
        visit(server).get()


def test_closing_ends_what_waits_at_once(serve, visit):
    server = serve()
    browser = visit(server)
    browser.connection.request("GET", "/next")
    until(lambda: server.wants_frame, "a request")

    begin = time.monotonic()
    server.close()

    assert time.monotonic() - begin < feed.WAIT / 2


def test_the_page_loads_only_its_own_files(serve, visit):
    browser = visit(serve())

    for path in ("/", "/view.js", "/view.css", "/icon.svg", "/foxglove-layout.json"):
        answer, body = browser.get(path)
        assert answer.status == 200
        assert b"https://" not in body
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "*" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    _, page = browser.get("/")
    assert b"<style" not in page
    assert b"onclick" not in page


@pytest.mark.parametrize("path", ["/../server.py", "/page/index.html", "/%2e%2e/server.py", "//x"])
def test_other_paths_are_not_found(serve, visit, path):
    assert visit(serve()).get(path)[0].status == 404


@pytest.mark.parametrize("query", ["", "?frame=x&status=-1", "?frame=", "?frame=" + 5000 * "9"])
def test_foreign_numbers_count_as_none(serve, visit, make_frame, query):
    server = serve()
    server.show(make_frame())

    answer, body = visit(server).get(f"/next{query}")

    assert answer.status == 200
    assert len(body) > 1000


@pytest.mark.parametrize(("path", "status"), [("/", 200), ("/view.js", 200), ("/other", 404)])
def test_head_is_answered_as_get_without_a_body(serve, visit, path, status):
    server = serve()
    expected, body = visit(server).get(path)
    browser = visit(server)

    for _ in range(2 if status == 200 else 1):  # over one connection: no body is left in it
        browser.connection.request("HEAD", path)
        answer = browser.connection.getresponse()
        assert (answer.status, answer.read()) == (status, b"")
        assert answer.headers["Content-Length"] == str(len(body))
        assert answer.headers["Content-Type"] == expected.headers["Content-Type"]


def test_head_of_the_next_frame_does_not_wait_and_is_no_viewer(serve, visit):
    server = serve()
    browser = visit(server)
    begin = time.monotonic()

    browser.connection.request("HEAD", "/next?frame=1&status=99")

    assert browser.connection.getresponse().status == 200
    assert time.monotonic() - begin < feed.WAIT / 2
    assert not server.has_viewers


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_nothing_can_be_changed(serve, visit, method):
    browser = visit(serve())

    browser.connection.request(method, "/next")

    assert browser.connection.getresponse().status == 501


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8090", "localhost.evil.example", ""]
)
def test_on_loopback_other_names_of_this_machine_are_refused(serve, visit, make_frame, host):
    """A foreign page whose name is changed to 127.0.0.1 (DNS rebinding) gets nothing."""
    server = serve()
    server.show(make_frame())

    answer, body = visit(server).get("/next", Host=host)

    assert answer.status == 403
    assert body == b"this page is for browsers of this machine\n"


@pytest.mark.parametrize("host", ["localhost", "localhost:9", "127.0.0.1:9", "[::1]:9"])
def test_on_loopback_its_own_names_are_served(serve, visit, host):
    assert visit(serve()).get("/", Host=host)[0].status == 200


def test_elsewhere_every_name_is_served(serve, visit):
    server = serve(host="0.0.0.0")

    assert server.url.startswith("http://localhost:")
    assert visit(server).get("/", Host="robot.local")[0].status == 200


def test_a_port_that_is_taken_is_said(serve):
    port = int(serve().url.split(":")[-1].strip("/"))

    with pytest.raises(ValueError, match=f"port {port} on 127.0.0.1 is taken.*0 for any"):
        serve(port=port)


def test_an_address_of_another_machine_is_said(serve):
    with pytest.raises(ValueError, match=r"cannot listen on '192\.0\.2\.1'"):
        serve(host="192.0.2.1")


def test_only_loopback_is_private():
    assert [is_loopback(host) for host in ("127.0.0.1", "127.1.2.3", "::1", "localhost")] == (
        [True] * 4
    )
    assert not any(map(is_loopback, ("0.0.0.0", "::", "10.0.0.1", "robot", "")))
    assert exposure("127.0.0.1") == ""
    assert "without a password" in exposure("0.0.0.0")


def test_the_host_is_read_without_its_port():
    assert [host_of(text) for text in ("a:1", "a", "[::1]:80", "[::1]", "")] == (
        ["a", "a", "::1", "::1", ""]
    )
