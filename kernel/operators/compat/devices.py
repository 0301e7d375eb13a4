"""A name for where a tensor lives: MindSpore's context decides it, code that asks gets one answer."""


class device:
    """A name for the place that MindSpore's context chose."""

    def __init__(self, type="cpu", index=None):
        self.type = str(type).partition(":")[0]
        self.index = index

    def __str__(self):
        return self.type

    def __eq__(self, other):
        return str(self) == str(other).partition(":")[0]

    def __hash__(self):
        return hash(self.type)


DEVICE = device()
