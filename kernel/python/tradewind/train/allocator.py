"""The C library's allocator, told to keep what a training step frees for the next step.

glibc gives large blocks back to the system when they are freed, and the top of its heap whenever it is empty; the next step takes the same memory again page
by page, and each page is a fault that clears it. PyTorch's own caching allocators are those of the accelerators alone.
"""

from __future__ import annotations

import ctypes
import platform

# malloc.h; mallopt(3) says what they take: the largest threshold that glibc accepts, and no trimming.
M_TRIM_THRESHOLD, NEVER = -1, -1
M_MMAP_THRESHOLD, LARGEST = -3, 4 * 1024 * 1024 * ctypes.sizeof(ctypes.c_long)


def keep_freed_memory() -> bool:
    """Whether this process's C library is glibc and took both settings; elsewhere nothing is done. Values of ``MALLOC_*`` in the environment are overruled."""
    if platform.libc_ver()[0] != "glibc":
        return False
    mallopt = ctypes.CDLL(None).mallopt
    return bool(mallopt(M_TRIM_THRESHOLD, NEVER)) and bool(mallopt(M_MMAP_THRESHOLD, LARGEST))
