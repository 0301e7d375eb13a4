"""Python's numbers keep their digits beside float64 tensors, in PyNative and compiled."""

import mindspore as ms
import numbers_beside_float64
import numpy as np
import torch
from side_by_side import migration_of


def test_numbers_keep_their_digits(tmp_path):
    inputs = np.linspace(-1.3, 1.9, 16, dtype=np.float32).reshape(2, 8)
    right = numbers_beside_float64.BesideFloat64()(torch.from_numpy(inputs))
    with migration_of(numbers_beside_float64.__file__, tmp_path) as (module, _):
        cell = module.BesideFloat64()

        @ms.jit
        def compiled(values):
            return cell(values)

        for run in (cell, compiled):
            found = run(ms.Tensor(inputs))
            assert found.keys() == right.keys()
            for name, expected in right.items():
                expected = expected.detach().numpy()
                value = found[name].asnumpy()
                assert value.dtype == np.float64, name
                np.testing.assert_allclose(value, expected, rtol=0, atol=1e-14 * np.abs(expected).max(), err_msg=name)
