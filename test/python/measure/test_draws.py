"""Random functions: which samples are random, and that OpInfo's own seeding does not make one draw of many."""

from unittest import mock

import numpy as np
import torch
from torch.testing._internal import common_methods_invocations
from tradewind.measure import draws
from tradewind.measure.samples import infos, samples


def first(name):
    info = infos()[name][0]
    return info, samples(info, torch.float32)


def test_opinfos_seed_is_taken_away():
    _, given = first("nn.functional.dropout")
    sample = next(one for one in given if one.arrays[0].size > 20 and one.keywords == {"p": "0.5", "training": "True"})
    tensor = torch.from_numpy(sample.arrays[0])

    def call():
        return sample.function(tensor.clone())

    assert torch.equal(call(), call())
    with mock.patch.object(common_methods_invocations, "wrapper_set_seed", draws.unseeded):
        stacked, _ = draws.drawn(call)
    assert len({one.tobytes() for one in stacked[0]}) > 1
    assert torch.equal(call(), call())


def test_attention_is_random_where_it_drops():
    info, given = first("nn.functional.scaled_dot_product_attention")
    random = {sample.keywords["dropout_p"]: draws.is_random(info.name, sample) for sample in given}
    assert random == {"0.0": False, "0.5": True}


def test_another_distribution_is_told_from_chance():
    generator = np.random.default_rng(0)
    one, same, other = (generator.normal(mean, 1.0, (60, 50)) for mean in (0.0, 0.0, 0.8))
    assert not draws.apart(one, same)
    assert draws.apart(one, other)
