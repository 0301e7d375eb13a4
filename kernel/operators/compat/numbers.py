"""Python's numbers beside float64 tensors: MindSpore rounds them to float32 on the way, PyTorch does not."""

import mindspore as ms

WHOLE_IN_FLOAT32 = 2**24


def float64(number, whole=False):
    """A number as a float64 tensor, for a place beside one; whole numbers that float32 holds (unless ``whole``), and tensors, stay as they are."""
    if isinstance(number, float) or (isinstance(number, int) and (whole or not -WHOLE_IN_FLOAT32 <= number <= WHOLE_IN_FLOAT32)):
        return ms.Tensor(number, ms.float64)
    return number


def beside(number, tensor, whole=False):
    """A number as it is to stand beside a tensor of whichever precision."""
    if isinstance(tensor, ms.Tensor) and tensor.dtype == ms.float64:
        return float64(number, whole)
    return number


def both_beside(input, other):
    """Two operands, of which one may be a number."""
    return beside(input, other), beside(other, input)
