"""einops' einsum, pack, unpack and parse_shape: patterns of words become einsum's letters, shapes are joined along the place of the star."""

import math

from mindspore import ops
from mindspore.ops import constexpr

from .einsum import einsum

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


@constexpr
def einops_equation(pattern, count):
    """`"b i d, b j d -> b i j"` as `"abc,adc->abd"`."""
    left, arrow, right = pattern.partition("->")
    terms = left.split(",")
    if not arrow or "(" in pattern or len(terms) != count:
        raise ValueError(f"einops: einsum's {pattern!r} does not fit {count} tensors (parentheses are not for einsum)")
    words = []
    for word in pattern.replace(",", " ").replace("->", " ").replace("…", "...").split():
        if word not in words and word != "..." and word != "1":
            words.append(word)
    letters = dict(zip(words, LETTERS, strict=False))
    letters["..."] = "..."
    sides = ["".join(letters[word] for word in term.replace("…", "...").split()) for term in [*terms, right]]
    return ",".join(sides[:-1]) + "->" + sides[-1]


def einops_einsum(*tensors_and_pattern):
    """As einops.einsum: the tensors, then the pattern."""
    tensors = tensors_and_pattern[:-1]
    return einsum(einops_equation(tensors_and_pattern[-1], len(tensors)), *tensors)


@constexpr
def star_place(pattern):
    """(axes before the star, axes after it)."""
    words = pattern.split()
    if words.count("*") != 1 or len(set(words)) != len(words):
        raise ValueError(f"einops: {pattern!r} needs one star and axes of different names")
    return words.index("*"), len(words) - 1 - words.index("*")


@constexpr
def packed_form(shape, before, after):
    last = len(shape) - after
    return (*shape[:before], math.prod(shape[before:last]), *shape[last:])


def pack(tensors, pattern):
    """(what is joined along the star, the shapes that the star stands for)."""
    before, after = star_place(pattern)
    shapes = [tuple(one.shape)[before : len(one.shape) - after] for one in tensors]
    return ops.cat([one.reshape(packed_form(one.shape, before, after)) for one in tensors], before), shapes


@constexpr
def packed_lengths(shapes, whole):
    """How long each part is; one shape may have a -1 in it. Gives whole shapes too."""
    known = sum(math.prod(shape) for shape in shapes if -1 not in shape)
    lengths, full = [], []
    for shape in shapes:
        rest = whole - known
        if -1 in shape:
            others = -math.prod(shape)
            shape = tuple(rest // others if size == -1 else size for size in shape)
        lengths.append(math.prod(shape))
        full.append(tuple(shape))
    if sum(lengths) != whole:
        raise ValueError(f"einops: unpack: {shapes} do not make an axis of {whole}")
    return tuple(lengths), tuple(full)


def unpack(tensor, packed_shapes, pattern):
    before, after = star_place(pattern)
    lengths, shapes = packed_lengths(tuple([tuple(shape) for shape in packed_shapes]), tensor.shape[before])
    found, start = [], 0
    for index in range(len(lengths)):
        part = ops.narrow(tensor, before, start, lengths[index])
        found.append(part.reshape(tensor.shape[:before] + shapes[index] + tensor.shape[len(tensor.shape) - after :]))
        start += lengths[index]
    return found


@constexpr
def parsed_shape(pattern, shape):
    words = pattern.split()
    if len(words) != len(shape) and "..." not in words:
        raise ValueError(f"einops: parse_shape: {pattern!r} does not fit a tensor of shape {tuple(shape)}")
    if "..." in words:
        at = words.index("...")
        words = words[:at] + ["_"] * (len(shape) - len(words) + 1) + words[at + 1 :]
    return {word: int(size) for word, size in zip(words, shape, strict=True) if word != "_"}


def parse_shape(x, pattern):
    return parsed_shape(pattern, x.shape)
