"""Topics of other programs beside those of ROS 2 in an MCAP file."""

import pytest

from mobilepose_core.errors import DataError
from mobilepose_core.recordings.annotate import annotate
from mobilepose_core.recordings.cameras import Selection
from mobilepose_core.recordings.message_types import IMAGE, typestore
from mobilepose_core.recordings.recording import Recording

writer = pytest.importorskip("mcap.writer", reason="mcap is not installed")

IMAGES, WORDS = "/camera/image_raw", "/words"


@pytest.fixture
def mixed(walk, raw_messages, tmp_path):
    """A sound MCAP with an index: images, and JSON on a topic of another name or the same."""

    def make(other=WORDS, frames=2):
        definition = typestore().generate_msgdef(IMAGE, ros_version=2)[0].encode()
        path = tmp_path / "mixed.mcap"
        with path.open("wb") as file:
            bag = writer.Writer(file)
            bag.start("ros2")
            image = bag.register_schema(IMAGE, "ros2msg", definition)
            word = bag.register_schema("word", "jsonschema", b"{}")
            images = bag.register_channel(IMAGES, "cdr", image)
            words = bag.register_channel(other, "json", word)
            for _, time, data in raw_messages(walk(frames=frames)) if frames else ():
                bag.add_message(images, time, data, time)
                bag.add_message(words, time, b"{}", time)
            if not frames:
                bag.add_message(words, 0, b"{}", 0)
            bag.finish()
        return path

    return make


@pytest.mark.parametrize("other", [WORDS, IMAGES])
@pytest.mark.parametrize("has_index", [True, False])
def test_json_beside_images_is_left_out_without_a_complaint(mixed, cut, other, has_index):
    path = mixed(other)
    if not has_index:
        path.write_bytes(path.read_bytes()[:-8])

    with Recording(path) as bag:
        messages = list(bag.messages(bag.topics))
        assert (list(bag.topics), bag.foreign) == ([IMAGES], {other: "json"})
        assert len(messages) == 2
        assert not has_index or bag.notes == bag.losses == []


def test_json_is_not_copied_with_the_originals_which_is_noted(mixed, job, raw_messages):
    report = annotate(job(mixed(), with_originals=True))

    topics = {topic for topic, _, _ in raw_messages(report.target)}
    assert IMAGES in topics
    assert WORDS not in topics
    assert report.notes == ("/words is not copied: it is in json, not CDR as ROS 2 writes it",)
    assert report.losses == ()


def test_a_topic_in_json_that_is_named_is_refused_as_such(mixed, job):
    task = job(mixed(), selection=Selection(images=(WORDS,)))

    with pytest.raises(DataError, match=r"topic /words is in json, not CDR .* /camera/image_raw"):
        annotate(task)


def test_a_file_of_json_only_is_refused_with_the_reason(mixed):
    path = mixed(frames=0)
    with Recording(path) as bag:
        assert (list(bag.topics), bag.notes) == ([IMAGES], [])
    content = path.read_bytes()

    path.write_bytes(content.replace(b"\x03\0\0\0cdr", b"\x03\0\0\0cbr"))

    with pytest.raises(DataError, match=r"_raw is in cbr, not CDR; /words is in json, not CDR"):
        Recording(path)
