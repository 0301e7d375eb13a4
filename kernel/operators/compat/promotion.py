"""Which dtype PyTorch gives to what is made of two: torch.promote_types, result_type, can_cast."""

import mindspore as ms

from .dtypes import COMPLEXES, FLOATS, complex_dtype, default_dtype, floating_dtype

WHOLE = (ms.uint8, ms.int8, ms.int16, ms.int32, ms.int64)


def _kind(dtype):
    """0 a truth value, 1 a whole number, 2 a float, 3 complex."""
    if dtype in COMPLEXES:
        return 3
    if dtype in FLOATS:
        return 2
    return 0 if dtype == ms.bool_ else 1


def _complex_of(dtype):
    return ms.complex128 if dtype == ms.float64 else ms.complex64


def promote_types(type1, type2):
    """The smallest dtype that holds both, by PyTorch's lattice: a whole number beside a float gives that float."""
    low, high = (type1, type2) if _kind(type1) <= _kind(type2) else (type2, type1)
    if low == high or _kind(low) == 0:
        return high
    if _kind(low) < _kind(high):
        return promote_types(high, _complex_of(low)) if _kind(low) == 2 else high
    if _kind(low) == 1:
        if ms.uint8 in (low, high) and ms.int8 in (low, high):
            return ms.int16
        return low if WHOLE.index(low) > WHOLE.index(high) else high
    if _kind(low) == 3:
        return ms.complex128
    if ms.float16 in (low, high) and ms.bfloat16 in (low, high):
        return ms.float32
    return low if FLOATS.index(low) > FLOATS.index(high) else high


def _beside(first, second):
    """What a tensor's dtype becomes beside another of lower rank: only a higher kind changes it."""
    if first is None or second is None:
        return second if first is None else first
    if complex_dtype(first):
        return first
    if floating_dtype(first):
        return _complex_of(first) if complex_dtype(second) else first
    return promote_types(first, second) if _kind(first) == 0 or _kind(second) > 1 else first


def _promoted(dtypes):
    found = None
    for dtype in dtypes:
        found = dtype if found is None else promote_types(found, dtype)
    return found


def _number_dtype(value):
    if isinstance(value, bool):
        return ms.bool_
    if isinstance(value, int):
        return ms.int64
    return ms.complex64 if isinstance(value, complex) else default_dtype()


def result_type(tensor, other):
    """The dtype of an operation on two tensors or numbers: tensors with dimensions count before those without, and these before numbers."""
    both = (tensor, other)
    tensors = [one for one in both if isinstance(one, ms.Tensor)]
    sized = _promoted([one.dtype for one in tensors if len(one.shape) > 0])
    single = _promoted([one.dtype for one in tensors if len(one.shape) == 0])
    numbers = _promoted([_number_dtype(one) for one in both if not isinstance(one, ms.Tensor)])
    return _beside(sized, _beside(single, numbers))


def can_cast(from_, to):
    """May a value of one dtype be written into a tensor of the other? Not from complex to real, from a float to a whole number, from any to a truth value."""
    if complex_dtype(from_) and not complex_dtype(to):
        return False
    if floating_dtype(from_) and _kind(to) == 1:
        return False
    return from_ == ms.bool_ or to != ms.bool_
