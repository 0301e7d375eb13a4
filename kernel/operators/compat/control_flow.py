"""torch.cond and torch.while_loop: Python's own if and while, which MindSpore's compiler takes with a tensor as condition."""


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
