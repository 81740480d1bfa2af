import json

import pytest

from mobilepose_core.evaluation import accelerator

MACHINE = {"cpu": "Some CPU", "gpu": "Some GPU", "onnxruntime": "1.31.1"}
ON_CPU = {
    **{"name": "final on cpu, 16 crops", "device": "cpu", "batch": 16},
    **{"ms": 6.8, "low": 6.5, "high": 7.1, "images_per_second": 2353.0},
}
ON_GPU = {
    **{"name": "final on cuda, 16 crops", "device": "cuda", "batch": 16},
    **{"ms": 3.5, "low": 3.4, "high": 3.54, "images_per_second": 4571.1},
}


def test_rows_of_a_gpu_are_shown_with_what_they_were_measured_on(tmp_path):
    path = tmp_path / accelerator.FILE
    path.write_text(json.dumps({"machine": MACHINE, "models": [ON_CPU, ON_GPU]}))

    text = "\n".join(accelerator.section(path))

    assert "| final on cuda, 16 crops | 16 | 3.50 | 3.40 - 3.54 | 4571 |" in text
    assert "6.8" not in text
    assert "Some GPU, ONNX Runtime 1.31.1, Some CPU" in text


def test_without_a_measurement_there_is_no_part(tmp_path):
    assert accelerator.section(tmp_path / accelerator.FILE) == []


ON_NO_GPU = json.dumps({"machine": MACHINE, "models": [ON_CPU]})


@pytest.mark.parametrize("text", ["", "[]", '{"machine": {}, "models": []}', ON_NO_GPU])
def test_another_file_is_refused_with_the_command_that_writes_it(tmp_path, text):
    path = tmp_path / accelerator.FILE
    path.write_text(text)

    with pytest.raises(ValueError, match=r"benchmarks\.inference --device cuda --out gpu\.json"):
        accelerator.section(path)
