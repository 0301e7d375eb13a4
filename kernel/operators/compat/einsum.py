"""torch.einsum, real and complex, as permutations, matrix products and sums: MindSpore's own has no kernel on the CPU."""

import mindspore as ms
from mindspore import ops
from mindspore.ops import constexpr

from .complexes import multiply
from .dtypes import is_complex


@constexpr
def einsum_labels(equation, shapes):
    """Label strings of the operands and of the result, the ellipsis spelled out in capitals that the equation does not use."""
    left, arrow, right = equation.replace(" ", "").partition("->")
    terms = left.split(",")
    if len(terms) != len(shapes):
        raise ValueError(f"einsum: {equation!r} names {len(terms)} operands, but {len(shapes)} are given")
    spare = [letter for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" if letter not in equation]
    widths = [len(shape) - len(term) + 3 if "..." in term else 0 for term, shape in zip(terms, shapes, strict=True)]
    dots = "".join(spare[: max(widths, default=0)])
    named = []
    for term, width, shape in zip(terms, widths, shapes, strict=True):
        term = term.replace("...", dots[len(dots) - width :])
        if len(term) != len(shape):
            raise ValueError(f"einsum: {term!r} of {equation!r} does not fit a tensor of {len(shape)} dimensions")
        named.append(term)
    if arrow:
        result = right.replace("...", dots)
    else:
        letters = sorted(set("".join(named)) - set(dots))
        result = dots + "".join(letter for letter in letters if "".join(named).count(letter) == 1)
    return tuple(named), result


@constexpr
def single_plan(labels, shape):
    """How to take diagonals of repeated labels: [(axes order, rest shape, size)], and the labels that are left."""
    steps = []
    labels, shape = list(labels), list(shape)
    for letter in sorted(set(labels)):
        while labels.count(letter) > 1:
            first = labels.index(letter)
            second = labels.index(letter, first + 1)
            rest = [axis for axis in range(len(labels)) if axis not in (first, second)]
            size = shape[first]
            steps.append((tuple([*rest, first, second]), tuple(shape[axis] for axis in rest), size))
            labels = [labels[axis] for axis in rest] + [letter]
            shape = [shape[axis] for axis in rest] + [size]
    return tuple(steps), "".join(labels)


def _diagonals(operand, labels):
    steps, labels = single_plan(labels, operand.shape)
    for order, rest, size in steps:
        flat = ops.transpose(operand, order).reshape((*rest, size * size))
        padded = ops.cat((flat, ops.zeros((*rest, size), flat.dtype)), -1)
        operand = padded.reshape((*rest, size, size + 1))[..., 0]
    return operand, labels


@constexpr
def pair_plan(first, second, shape1, shape2, keep):
    """The product of two operands as one batched matrix product.

    Gives the axes to sum beforehand, the shapes and permutations around the product, and the labels of what comes out.
    A dimension of size one that the other operand has larger is dropped: it only broadcasts.
    """
    sizes = {}
    for labels, shape in ((first, shape1), (second, shape2)):
        for letter, size in zip(labels, shape, strict=True):
            sizes[letter] = max(sizes.get(letter, 1), int(size))
    sums, kept = [], []
    for labels, shape, other in ((first, shape1, second), (second, shape2, first)):
        gone = [i for i, letter in enumerate(labels) if letter not in other and letter not in keep]
        gone += [i for i, letter in enumerate(labels) if letter in other and int(shape[i]) == 1 and sizes[letter] > 1]
        sums.append(tuple(sorted(gone)))
        kept.append([letter for i, letter in enumerate(labels) if i not in gone])
    a, b = kept
    batch = [letter for letter in a if letter in b and letter in keep]
    inner = [letter for letter in a if letter in b and letter not in keep]
    rows = [letter for letter in a if letter not in b and letter in keep]
    columns = [letter for letter in b if letter not in a and letter in keep]
    # A dropped broadcast dimension that is not kept has still to be summed over: it is in the other operand.
    loose_a = [letter for letter in a if letter not in batch + inner + rows]
    loose_b = [letter for letter in b if letter not in batch + inner + columns]

    def count(letters):
        total = 1
        for letter in letters:
            total *= sizes[letter]
        return total

    order1 = tuple(a.index(letter) for letter in batch + rows + loose_a + inner)
    order2 = tuple(b.index(letter) for letter in batch + inner + columns + loose_b)
    matrix1 = (count(batch), count(rows + loose_a), count(inner))
    matrix2 = (count(batch), count(inner), count(columns + loose_b))
    labels = batch + rows + loose_a + columns + loose_b
    return sums[0], sums[1], order1, order2, matrix1, matrix2, tuple(sizes[letter] for letter in labels), "".join(labels), bool(inner)


def _permuted(operand, order):
    return operand if order == tuple(range(len(order))) else ops.transpose(operand, order)


def _product(left, right):
    """A batched matrix product; of one matrix alone it is a plain one."""
    if left.shape[0] == 1:
        return ops.matmul(left.reshape(left.shape[1:]), right.reshape(right.shape[1:])).expand_dims(0)
    return ops.bmm(left, right)


def _single(part):
    """Parts of complex numbers are not of half precision: mixed precision makes the products so."""
    return part.astype(ms.float32) if part.dtype in (ms.float16, ms.bfloat16) else part


def _pair(first, second, labels1, labels2, keep):
    sum1, sum2, order1, order2, matrix1, matrix2, shape, labels, contracts = pair_plan(labels1, labels2, first.shape, second.shape, keep)
    if sum1:
        first = first.sum(sum1)
    if sum2:
        second = second.sum(sum2)
    if contracts and is_complex(first) and is_complex(second):
        left = _permuted(ops.real(first), order1).reshape(matrix1), _permuted(ops.imag(first), order1).reshape(matrix1)
        right = _permuted(ops.real(second), order2).reshape(matrix2), _permuted(ops.imag(second), order2).reshape(matrix2)
        return _complex_product(left, right).reshape(shape), labels
    left = _permuted(first, order1).reshape(matrix1)
    right = _permuted(second, order2).reshape(matrix2)
    product = _product(left, right) if contracts else multiply(left, right.reshape((matrix2[0], 1, matrix2[2])))
    return product.reshape(shape), labels


def _complex_product(left, right):
    """A batched product of complex matrices, each in two parts, as one of real ones: the smaller becomes a square of parts, the larger a row of them.

    MindSpore's own takes five times as long in the gradient on the CPU, four real products a third longer.
    """
    (a, b), (c, d) = left, right
    if a.size < c.size:
        product = _product(ops.cat((ops.cat((a, -b), 2), ops.cat((b, a), 2)), 1), ops.cat((c, d), 1))
        parts = ops.split(product, a.shape[1], 1)
    else:
        product = _product(ops.cat((a, b), 2), ops.cat((ops.cat((c, d), 2), ops.cat((-d, c), 2)), 1))
        parts = ops.split(product, c.shape[2], 2)
    return ops.Complex()(_single(parts[0]), _single(parts[1]))


@constexpr
def final_plan(labels, result):
    """The axes to sum at last, and the order of the rest."""
    gone = tuple(i for i, letter in enumerate(labels) if letter not in result)
    left = [letter for letter in labels if letter in result]
    return gone, tuple(left.index(letter) for letter in result)


@constexpr
def labels_needed(terms, result):
    return result + "".join(terms)


def einsum(equation, *operands):
    """As torch.einsum with an equation; operands in one list too. Complex operands on all sides or on none."""
    if len(operands) == 1 and isinstance(operands[0], (tuple, list)):
        operands = operands[0]
    terms, result = einsum_labels(equation, tuple([operand.shape for operand in operands]))
    value, labels = _diagonals(operands[0], terms[0])
    for index in range(1, len(operands)):
        other, other_labels = _diagonals(operands[index], terms[index])
        value, labels = _pair(value, other, labels, other_labels, labels_needed(terms[index + 1 :], result))
    gone, order = final_plan(labels, result)
    if gone:
        value = value.sum(gone)
    return _permuted(value, order)
