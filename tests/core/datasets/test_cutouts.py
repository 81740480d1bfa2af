import numpy as np
import pytest

from mobilepose_core.datasets import Sample
from mobilepose_core.datasets.cutouts import cut_outs


def test_people_who_cannot_be_cut_out_are_an_error_that_says_what_is_expected(tmp_path):
    nobody = Sample(tmp_path / "missing.jpg", np.zeros((11, 2), np.float32), "missing")

    with pytest.raises(ValueError, match="plain backgrounds"):
        cut_outs([nobody], most=10)
