"""What is fuzzed reads its own examples, and reports bad input as it should."""

import random

import pytest
from tools.fuzz.targets import TARGETS


@pytest.mark.parametrize("name", TARGETS)
def test_examples_of_valid_input_are_read(name):
    target = TARGETS[name]
    examples = list(target.examples())

    results = []
    for example in examples:
        try:
            results.append(target.read(example))
        except target.allowed as error:  # a model cut off, an encoding without cv_bridge
            results.append(error)

    assert [one for one in results if not isinstance(one, Exception)] or name == "model"


@pytest.mark.parametrize("name", TARGETS)
def test_damaged_examples_give_an_answer_or_a_word(name):
    target, noise = TARGETS[name], random.Random(7)
    for example in target.examples():
        for _ in range(8):
            content = bytearray(example)
            for _ in range(noise.randint(1, 4)):
                content[noise.randrange(len(content))] = noise.randrange(256)
            content = bytes(content[: noise.randint(1, len(content))])
            try:
                target.read(content)
            except target.allowed:
                continue
