"""What stands in a migrated file for an API that could not come across: it raises when it is reached, not before."""


class Unsupported:
    """Raises NotImplementedError, with the API, its place in the source and the remedy, when it is called or looked into."""

    def __init__(self, api, place, remedy):
        self.__dict__.update(api=api, place=place, remedy=remedy)

    def fail(self, *args, **kwargs):
        raise NotImplementedError(f"{self.api} ({self.place}) has no MindSpore form yet. {self.remedy}")

    def __call__(self, *args, **kwargs):
        self.fail()

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Unsupported(f"{self.api}.{name}", self.place, self.remedy)

    def __setattr__(self, name, value):
        self.fail()

    def __delattr__(self, name):
        self.fail()

    def __getitem__(self, key):
        """In an annotation: Thing[int]."""
        return self

    def __or__(self, other):
        return self

    __ror__ = __or__

    def __mro_entries__(self, bases):
        return (type(self.api.rpartition(".")[2], (), {"__init__": self.fail}),)

    def decorate(self, decorated):
        """As a decorator: what is decorated exists, and raises when it is called."""
        return self


def unsupported(api, place, remedy):
    return Unsupported(api, place, remedy)


def refused(api, argument, remedy):
    """Ends a call with an argument that compat can't honour: nothing given is silently ignored."""
    raise NotImplementedError(f"{api}: the argument {argument} has no MindSpore form yet. {remedy}")


class NoInstance:
    """In a ``case`` pattern: nothing is one."""
