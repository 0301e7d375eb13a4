"""torch.finfo, torch.iinfo: the numbers that a dtype can hold. A compiled graph has them as constants."""

import types

import mindspore as ms
import numpy as np
from mindspore.ops import constexpr

# NumPy has no bfloat16: eight bits of mantissa, float32's exponents.
OF_BFLOAT16 = {"bits": 16, "eps": 2**-7, "max": (2 - 2**-7) * 2.0**127, "tiny": 2.0**-126, "resolution": 0.01}


@constexpr
def limits_of_floats(type):
    if type == ms.bfloat16:
        found = OF_BFLOAT16
    else:
        info = np.finfo(str(type).lower())
        found = {
            "bits": info.bits,
            **{name: float(getattr(info, name)) for name in ("eps", "max", "tiny")},
            "resolution": float(f"{info.resolution:.0e}"),
        }
    return types.SimpleNamespace(**found, min=-found["max"], smallest_normal=found["tiny"], dtype=str(type).lower())


@constexpr
def limits_of_integers(type):
    info = np.iinfo(str(type).lower())
    return types.SimpleNamespace(bits=info.bits, max=int(info.max), min=int(info.min), dtype=str(type).lower())


def finfo(type=ms.float32):
    return limits_of_floats(type)


def iinfo(type=ms.int64):
    return limits_of_integers(type)
