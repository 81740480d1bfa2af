from pathlib import Path

import cv2
import numpy as np
import pytest

from mobilepose_core.io import photo
from mobilepose_core.io.pictures import VideoFile, saver
from mobilepose_core.io.sources import Photograph, Video, Webcam


@pytest.fixture
def film(tmp_path):
    """A video of three frames, 60 x 80 pixels, at 12.5 frames per second."""
    path = tmp_path / "film.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 12.5, (80, 60))
    for value in (40, 120, 200):
        writer.write(np.full((60, 80, 3), value, np.uint8))
    writer.release()
    return path


def test_one_photograph_is_saved_under_the_name_that_is_given(make_result, tmp_path):
    saver([Photograph(Path("photo.jpg"))], tmp_path / "out.png", False).write(
        result := make_result("photo.jpg")
    )

    assert np.array_equal(cv2.imread(str(tmp_path / "out.png")), result.picture)


@pytest.mark.parametrize("names", [("one.png",), ("one.png", "two.jpg")])
def test_photographs_keep_their_names_in_a_folder_that_is_made(make_result, tmp_path, names):
    folder = tmp_path / "new" / "folder"
    output = saver([Photograph(Path("from") / name) for name in names], folder, True)
    for name in names:
        output.write(make_result(f"from/{name}"))

    assert sorted(path.name for path in folder.iterdir()) == sorted(names)


@pytest.mark.parametrize("suffix", [".pgm", ".PGM", ".heic"])
def test_a_photograph_of_a_format_without_colour_is_saved_as_png(make_result, tmp_path, suffix):
    output = saver([Photograph(Path(f"grey{suffix}"))], tmp_path / "out", True)
    output.write(make_result(f"grey{suffix}"))

    assert [path.name for path in (tmp_path / "out").iterdir()] == [f"grey{suffix}.png"]


@pytest.mark.parametrize("suffix", sorted(photo.SUFFIXES))
def test_whatever_ending_a_photograph_has_its_picture_can_be_saved(make_result, tmp_path, suffix):
    output = saver([Photograph(Path(f"one{suffix}"))], tmp_path, True)

    output.write(make_result(f"one{suffix}"))

    (saved,) = tmp_path.iterdir()
    assert cv2.imread(str(saved)).shape == make_result("one").picture.shape


def test_a_picture_is_saved_beside_links_that_lead_nowhere(make_result, tmp_path):
    (tmp_path / "loop.png").symlink_to("loop.png")
    sources = [Photograph(tmp_path / name) for name in ("loop.png", "one.png")]

    output = saver(sources, tmp_path / "out", True)
    output.write(make_result(str(tmp_path / "one.png")))

    assert (tmp_path / "out" / "one.png").is_file()


def test_one_photograph_goes_into_a_folder_that_is_there(make_result, tmp_path):
    saver([Photograph(Path("photo.png"))], tmp_path, False).write(make_result("photo.png"))

    assert (tmp_path / "photo.png").is_file()


@pytest.mark.parametrize("name", ["out.mp4", "out.avi"])
def test_a_video_is_saved_frame_by_frame_in_its_own_size_and_rate(
    make_result, film, tmp_path, name
):
    output = saver([Video(film)], tmp_path / name, False)
    for frame in Video(film):
        output.write(make_result(str(film), frame.index, frame.time, (), frame.image[0, 0, 0]))
    output.close()

    saved = Video(tmp_path / name)
    assert saved.rate == 12.5
    frames = list(saved)
    assert {frame.image.shape for frame in frames} == {(60, 80, 3)}
    assert [frame.image.mean() for frame in frames] == pytest.approx([40, 120, 200], abs=3)


def test_a_webcam_that_skips_frames_is_saved_in_real_time(make_result, film, tmp_path):
    output = VideoFile(tmp_path / "out.avi", Webcam(str(film)))
    for time, value in ((0.0, 40), (0.25, 120), (0.32, 200)):  # at 12.5 Hz frames 0, 3 and 4
        output.write(make_result("0", 0, time, (), value))
    output.close()

    values = [round(frame.image.mean(), -1) for frame in Video(tmp_path / "out.avi")]
    assert values == [40, 40, 40, 120, 200]


def test_what_is_saved_has_its_people_drawn_in(make_result, tmp_path):
    output = saver([Photograph(Path("photo.png"))], tmp_path / "out.png", False)

    output.write(make_result("photo.png"))

    assert len(np.unique(cv2.imread(str(tmp_path / "out.png")).reshape(-1, 3), axis=0)) > 10


@pytest.mark.parametrize("target", ["folder", "out.png", "out"])
def test_a_video_asks_for_the_name_of_a_video(film, tmp_path, target):
    (tmp_path / "folder").mkdir()

    with pytest.raises(
        ValueError, match=rf"{target} is not the name of a video; .* \.avi or \.mp4"
    ):
        saver([Video(film)], tmp_path / target, False)


@pytest.mark.parametrize("target", ["out.png", "out.mp4"])
def test_several_photographs_ask_for_a_folder(tmp_path, target):
    photographs = [Photograph(Path("one.jpg")), Photograph(Path("two.jpg"))]

    with pytest.raises(ValueError, match=f"{target} is not the name of a folder"):
        saver(photographs, tmp_path / target, True)


def test_photographs_of_one_name_are_not_saved_over_each_other(tmp_path):
    photographs = [Photograph(Path("a/one.jpg")), Photograph(Path("b/one.jpg"))]

    with pytest.raises(ValueError, match=r"several photographs are named one\.jpg"):
        saver(photographs, tmp_path / "out", True)


def test_a_video_and_something_else_are_not_saved_together(film, tmp_path):
    with pytest.raises(ValueError, match="and a video or webcam alone; got 1 of the one and 1"):
        saver([Video(film), Photograph(Path("one.jpg"))], tmp_path / "out", True)


def test_nothing_is_saved_over_itself(film, tmp_path):
    picture = tmp_path / "photo.png"
    for source, target in ((Video(film), film), (Photograph(picture), picture)):
        with pytest.raises(ValueError, match="would be written over itself"):
            saver([source], target, False)


@pytest.mark.parametrize("name", ["nowhere/out.avi", "nowhere/out.png"])
def test_a_folder_that_is_missing_is_named_at_once(film, tmp_path, name):
    source = Video(film) if name.endswith("avi") else Photograph(Path("photo.png"))

    with pytest.raises(ValueError, match=r"there is no folder .*nowhere"):
        saver([source], tmp_path / name, False)
