"""Plain MindSpore code with PyTorch's semantics, for what has no exact equivalent. The migrator copies what a migration needs into OUT/tradewind_compat.py.

Rules that make the copying simple (test/python/compat/test_compat_rules.py holds them):
- A file's top level has imports, functions, classes and constants in CAPITALS, nothing else.
- Every top-level name is unique over all the files, and none is a Python builtin; private ones begin with an underscore.
- Another compat file's name comes by `from .file import name` (never `as`, never `*`); a definition is copied with everything that it names, however deep.
- Outside imports are of the standard library, numpy and mindspore alone, and mean the same in every file.
- A function takes what PyTorch's takes, in the same order and by the same names; a class has PyTorch's constructor and attributes.
- Everything runs in PyNative and under ms.jit, forward and gradient, call after call, on CPU, GPU and Ascend.
"""
