import numpy as np
import pytest

from mobilepose_core.training.sources import DataSource
from mobilepose_core.training.task import Order


def test_a_source_is_a_name_a_path_and_perhaps_a_weight():
    plain = DataSource.parse("flic=/data/FLIC")
    weighted = DataSource.parse("coco=relative/path,weight=0.5")

    assert (plain.name, str(plain.root), plain.weight) == ("flic", "/data/FLIC", 1)
    assert (weighted.name, str(weighted.root), weighted.weight) == ("coco", "relative/path", 0.5)


@pytest.mark.parametrize(
    "text", ["flic", "flic=", "mpii=/x", "flic=/x,weight=0", "flic=/x,weight=no", "=x"]
)
def test_a_source_that_makes_no_sense_is_refused(text):
    with pytest.raises(ValueError, match="expected"):
        DataSource.parse(text)


def test_the_home_of_a_source_is_the_users_where_a_shell_leaves_it(monkeypatch):
    monkeypatch.setenv("HOME", "/home/me")

    source = DataSource.parse("coco=~/data,others=~/found.json")

    assert (str(source.root), str(source.others)) == ("/home/me/data", "/home/me/found.json")


@pytest.mark.parametrize("path", ["/data/a,b", "/data/a,b=c/d", "/data/1,5 m", "/data/weight=2"])
def test_a_path_may_have_commas(path):
    plain = DataSource.parse(f"coco={path}")
    weighted = DataSource.parse(f"coco={path},others=x,y.json,weight=3")

    assert (str(plain.root), plain.weight) == (path, 1)
    assert (str(weighted.root), weighted.weight) == (path, 3)
    assert str(weighted.others) == "x,y.json"


def test_an_option_that_there_is_not_is_no_part_of_a_path(tmp_path):
    strange = tmp_path / "a,wieght=2"

    with pytest.raises(ValueError, match="not understood"):
        DataSource.parse(f"coco={strange}")
    strange.mkdir()
    assert DataSource.parse(f"coco={strange}").root == strange


def test_an_epoch_shows_everyone_once_in_another_order_each_time():
    people = Order(np.ones(12), seed=0)

    first, second = (people.epoch(np.random.default_rng(seed)) for seed in (0, 1))

    assert sorted(first) == sorted(second) == list(range(12))
    assert list(first) != list(second)


def test_weights_are_samples_per_epoch_of_a_sources_people():
    people = Order(np.repeat([2.5, 0.25], [4, 8]), seed=0)

    shown = people.epoch(np.random.default_rng(0))

    assert (shown < 4).sum() == 10
    assert (shown >= 4).sum() == 2
    assert set(range(4)) <= set(shown)


@pytest.mark.parametrize(
    "text", ["flic=/data/of/mine/flic", "coco=/data/of/mine/flic,weight=0.5,others=a.json"]
)
def test_a_card_has_a_sources_folder_name_and_not_its_path(text):
    assert str(DataSource.parse(text)) == text.replace("/data/of/mine/", "")
