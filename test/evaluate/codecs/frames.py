"""Blosc frames, zstd, gzip and zlib streams as numcodecs writes them: `python frames.py` prints [{name, packed, plain}] (base64) as JSON."""

import base64
import json
import sys

import numpy as np
from numcodecs import LZ4, Blosc, GZip, Zlib, Zstd


def main():
    rng = np.random.default_rng(3)
    smooth = (np.sin(np.arange(70_001) / 300) * 40).astype("f4")
    arrays = {
        "float32": smooth,
        "float64": smooth[:20_003].astype("f8") * np.pi,
        "int16": (smooth * 100).astype("i2"),
        "noise": rng.normal(size=50_000).astype("f4"),
        "zeros": np.zeros(100_000, "f4"),
        "bytes": rng.integers(0, 4, 10_007).astype("u1"),
        "one": np.array([1.5], "f4"),
    }
    arrays["triples"] = np.frombuffer(smooth.tobytes()[:90_003], dtype=np.dtype("V3"))
    out = []
    for name, array in arrays.items():
        codecs = {f"blosc {c} {s}": Blosc(c, 5, s) for c in ("lz4", "zstd", "zlib", "lz4hc") for s in (Blosc.NOSHUFFLE, Blosc.SHUFFLE)}
        codecs |= {"blosc blocks": Blosc("lz4", 5, Blosc.SHUFFLE, blocksize=4096), "blosc copied": Blosc("zstd", 0, Blosc.SHUFFLE)}
        codecs |= {"blosc bits": Blosc("zstd", 5, Blosc.BITSHUFFLE), "blosclz": Blosc("blosclz", 5, Blosc.SHUFFLE)}
        codecs |= {"zstd": Zstd(3), "gzip": GZip(5), "zlib": Zlib(5), "lz4": LZ4()}
        for codec, encoder in codecs.items():
            packed = encoder.encode(array)
            out.append({"name": f"{codec}, {name}", "packed": encoded(packed), "plain": encoded(array.tobytes())})
    json.dump(out, sys.stdout)


def encoded(data):
    return base64.b64encode(bytes(data)).decode()


if __name__ == "__main__":
    main()
