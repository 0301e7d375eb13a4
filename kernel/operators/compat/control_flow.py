"""Python's control flow and lists as MindSpore's compiler takes them: torch.cond and torch.while_loop (if and while with a tensor as condition), loops over several."""

from mindspore.ops import constexpr


def branch(pred, true_fn, false_fn, operands=()):
    """torch.cond: one of two functions of the operands."""
    if pred:
        return true_fn(*operands)
    return false_fn(*operands)


def while_loop(cond_fn, body_fn, carried_inputs):
    """What is carried after as many steps as the condition holds."""
    carried = tuple(carried_inputs)
    while cond_fn(*carried):
        carried = body_fn(*carried)
    return carried


def backwards(several):
    """reversed(…) as a list: within zip the compiler's own gives nothing, and has no length."""
    return [several[at] for at in range(len(several) - 1, -1, -1)]


def slice_of(*bounds):
    """slice(…) of numbers that are known by then: with an attribute among its arguments the compiler runs it as Python, and gradients are lost."""
    if len(bounds) == 1:
        return slice(bounds[0])
    if len(bounds) == 2:
        return slice(bounds[0], bounds[1])
    return slice(bounds[0], bounds[1], bounds[2])


def first_of(several):
    """``next(iter(several))``."""
    # A graph's next() gives no item.
    return list(several)[0]  # noqa: RUF015


def with_item(several, index, value):
    """The list with one item exchanged, as a new list."""
    place = index if index >= 0 else index + len(several)
    return [*several[:place], value, *several[place + 1 :]]


def merged(*several):
    """Dictionaries as a new one, the later ones' values before the earlier ones'."""
    found = {}
    for one in several:
        found.update(one)
    return found


def dictionary_of(pairs):
    """dict(…) of names and values."""
    found = {}
    for key, value in pairs:
        found[key] = value
    return found


@constexpr
def sorted_names(names, reverse):
    return tuple(sorted(names, reverse=reverse))


def sorted_keys(named, reverse=False):
    """sorted(…) of a dictionary: a graph that sorts loses the gradient of what it then looks up."""
    return list(sorted_names(tuple(named.keys()), reverse))


def sorted_items(named, reverse=False):
    """sorted(….items())."""
    return [(key, named[key]) for key in sorted_names(tuple(named.keys()), reverse)]


def product_of(*several, repeat=1):
    """itertools.product as a list."""
    found = [()]
    for one in several * repeat:
        longer = []
        for begun in found:
            for item in one:
                longer.append((*begun, item))
        found = longer
    return found


def chain_of(*several):
    """itertools.chain as a list."""
    found = []
    for one in several:
        found = found + list(one)
    return found


def combinations_of(several, length):
    """itertools.combinations as a list."""
    found = [()] if length == 0 else []
    if length > 0:
        for at in range(len(several)):
            for rest in combinations_of(several[at + 1 :], length - 1):
                found.append((several[at], *rest))
    return found


def zip_strictly(*several):
    """zip(…, strict=True) over what has a length."""
    for one in several[1:]:
        if len(one) != len(several[0]):
            raise ValueError(f"zip(strict=True): lengths {len(several[0])} and {len(one)}.")
    return zip(*several)  # noqa: B905 (the compiler has no strict)
