"""The hand-made pair's entry."""

from spectral import Spectral


def build():
    return Spectral()


def inputs():
    return ()
