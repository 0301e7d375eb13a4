"""opt_einsum's functions: which pair of operands is contracted next is chosen by size. The package itself would go by NumPy, which has no gradients."""

from mindspore.ops import constexpr

from .einsum import _diagonals, _pair, _permuted, einsum, einsum_labels, final_plan, labels_needed
from .unsupported import refused


@constexpr
def contraction_steps(terms, shapes, result):
    """Pairs of operands to contract, one step after another: of all pairs the one whose product adds least to what is there."""
    sizes = {}
    for term, shape in zip(terms, shapes, strict=True):
        for letter, size in zip(term, shape, strict=True):
            sizes[letter] = max(sizes.get(letter, 1), int(size))

    def volume(letters):
        total = 1
        for letter in letters:
            total *= sizes[letter]
        return total

    left, steps = [frozenset(term) for term in terms], []
    while len(left) > 1:
        best = None
        for i in range(len(left)):
            for j in range(i + 1, len(left)):
                others = frozenset(result).union(*[term for k, term in enumerate(left) if k not in (i, j)])
                kept = (left[i] | left[j]) & others
                cost = (volume(kept) - volume(left[i]) - volume(left[j]), volume(left[i] | left[j]))
                if best is None or cost < best[0]:
                    best = (cost, i, j, kept)
        _, i, j, kept = best
        steps.append((i, j))
        left = [term for k, term in enumerate(left) if k not in (i, j)] + [kept]
    return tuple(steps)


def contract(subscripts, *operands, out=None, use_blas=True, optimize=True, memory_limit=None, backend="auto"):
    """opt_einsum.contract with an equation. How the contraction goes is chosen here, whatever ``optimize`` says: the result is the same."""
    if not isinstance(subscripts, str):
        refused("opt_einsum.contract", "subscripts as lists", "Write the equation as a string.")
    if out is not None:
        refused("opt_einsum.contract", "out", "Use what it returns.")
    if len(operands) < 3:
        return einsum(subscripts, *operands)
    terms, result = einsum_labels(subscripts, tuple([operand.shape for operand in operands]))
    steps = contraction_steps(terms, tuple([tuple(operand.shape) for operand in operands]), result)
    left = []
    for place in range(len(operands)):
        left.append(_diagonals(operands[place], terms[place]))
    for i, j in steps:
        rest = [left[k] for k in range(len(left)) if k not in (i, j)]
        keep = labels_needed(tuple([one[1] for one in rest]), result)
        rest.append(_pair(left[i][0], left[j][0], left[i][1], left[j][1], keep))
        left = rest
    value, labels = left[0]
    gone, order = final_plan(labels, result)
    if gone:
        value = value.sum(gone)
    return _permuted(value, order)


def contract_expression(subscripts, *shapes, constants=None, use_blas=True, optimize=True, memory_limit=None):
    """opt_einsum.contract_expression: an equation that waits for its operands. At the places in ``constants`` a tensor stands instead of a shape."""
    fixed = [] if constants is None else list(constants)

    def expression(*arrays, out=None, backend="auto", evaluate_constants=False):
        operands = []
        used = 0
        for place in range(len(shapes)):
            if place in fixed:
                operands.append(shapes[place])
            else:
                operands.append(arrays[used])
                used = used + 1
        return contract(subscripts, *operands, out=out)

    return expression


class PathInfo:
    """What of opt_einsum's PathInfo says how to contract: the equation, and (positions, labels summed, equation, what is left, False) a step."""

    def __init__(self, eq, path, contraction_list):
        self.eq = eq
        self.path = path
        self.contraction_list = contraction_list


def contract_path(subscripts, *operands, use_blas=True, optimize=True, memory_limit=None, shapes=False):
    """opt_einsum.contract_path: the pairs to contract, and the equation of each step."""
    sizes = tuple([tuple(one) if shapes else tuple(one.shape) for one in operands])
    terms, result = einsum_labels(subscripts, sizes)
    path = [(0,)] if len(terms) == 1 else [tuple(step) for step in contraction_steps(terms, sizes, result)]
    left, steps = list(terms), []
    for places in path:
        taken = [left[place] for place in sorted(places, reverse=True)]
        left = [term for place, term in enumerate(left) if place not in places]
        letters = dict.fromkeys("".join(taken))
        needed = set(result).union(*left)
        product = result if not left else "".join(letter for letter in letters if letter in needed)
        left.append(product)
        steps.append((places, frozenset(letters) - frozenset(product), f"{','.join(taken)}->{product}", tuple(left), False))
    return path, PathInfo(f"{','.join(terms)}->{result}", path, steps)
