import re

from mobilepose_core.io.text import Joints, Summary


def test_a_photographs_people_are_counted_and_their_joints_listed(make_result):
    said = []

    Joints(said.append).write(make_result("photo.jpg", tracks=(1, 2)))

    lines = said[0].splitlines()
    assert lines[0] == "photo.jpg: 2 people"
    assert lines[1].split() == ["left_shoulder", "3.0", "3.0", "0.10"]
    assert len(lines) == 1 + 2 * 11


def test_a_videos_joints_are_not_listed(make_result):
    said = []

    Joints(said.append).write(make_result(time=0.0))

    assert said == []


def test_a_video_is_summed_up_once_by_its_frames_people_and_rate(make_result):
    said = []
    summary = Summary(said.append)
    for index, tracks in enumerate([(1,), (1, 2), (2,), ()]):
        summary.write(make_result("film.mp4", index, index / 10, tracks))
    assert said == []

    summary.close()

    (line,) = said
    assert re.fullmatch(r"film\.mp4: 4 frames, 2 people, [\d.]+ frames per second", line)


def test_photographs_are_not_summed_up(make_result):
    said = []
    summary = Summary(said.append)

    summary.write(make_result("photo.jpg"))
    summary.close()

    assert said == []


def test_one_frame_has_no_rate(make_result):
    said = []
    summary = Summary(said.append)

    summary.write(make_result("film.mp4", time=0.0))
    summary.close()

    assert said == ["film.mp4: 1 frame, 1 person"]
