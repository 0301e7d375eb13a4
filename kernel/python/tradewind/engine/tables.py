"""pandas and xarray on their way between engines: as the arrays, names and attributes that they are made of."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from tradewind.engine import encoding
from tradewind.engine.encoding import Buffers, Node


def encode(value: Any, buffers: Buffers) -> Node | None:
    """The node of a Series, DataFrame, Index, Timestamp, Timedelta, DataArray or Dataset; None for anything else."""
    pandas = sys.modules.get("pandas")
    if pandas is not None:
        if isinstance(value, pandas.MultiIndex):
            levels = [_column(pandas, value.get_level_values(level).to_series(), buffers) for level in range(value.nlevels)]
            return {"kind": "pandas.multiindex", "levels": levels, "names": encoding.encode(list(value.names), buffers)}
        if isinstance(value, pandas.RangeIndex):
            return {"kind": "pandas.range", "range": [value.start, value.stop, value.step], "name": encoding.encode(value.name, buffers)}
        if isinstance(value, pandas.Index):
            column = _column(pandas, pandas.Series(value.array), buffers)
            return {"kind": "pandas.index", "column": column, "name": encoding.encode(value.name, buffers)}
        if isinstance(value, pandas.Series):
            return {
                "kind": "pandas.series",
                "column": _column(pandas, value, buffers),
                "index": encode(value.index, buffers),
                "name": encoding.encode(value.name, buffers),
            }
        if isinstance(value, pandas.DataFrame):
            columns = [_column(pandas, value.iloc[:, at], buffers) for at in range(value.shape[1])]
            return {
                "kind": "pandas.frame",
                "data": columns,
                "columns": encode(value.columns, buffers),
                "index": encode(value.index, buffers),
            }
        if isinstance(value, (pandas.Timestamp, pandas.Timedelta)):
            return {"kind": "pandas.scalar", "type": type(value).__name__, "value": value.isoformat()}
    xarray = sys.modules.get("xarray")
    if xarray is not None:
        if isinstance(value, xarray.DataArray):
            return {
                "kind": "xarray.array",
                "set": _dataset(value.to_dataset(name="_tradewind"), buffers),
                "name": encoding.encode(value.name, buffers),
            }
        if isinstance(value, xarray.Dataset):
            return {"kind": "xarray.set", "set": _dataset(value, buffers)}
    return None


def _column(pandas: Any, series: Any, buffers: Buffers) -> Node:
    dtype = series.dtype
    if isinstance(dtype, np.dtype):
        return {"dtype": "numpy", "values": encoding.encode_array(series.to_numpy(), buffers)}
    if isinstance(dtype, pandas.CategoricalDtype):
        codes = encoding.encode_array(series.cat.codes.to_numpy(), buffers)
        return {"dtype": "category", "values": codes, "categories": encode(dtype.categories, buffers), "ordered": bool(dtype.ordered)}
    if isinstance(dtype, pandas.DatetimeTZDtype):
        utc = series.dt.tz_convert("UTC").dt.tz_localize(None)
        return {"dtype": "zoned", "values": encoding.encode_array(utc.to_numpy(), buffers), "zone": str(dtype.tz)}
    values = [None if pandas.isna(item) else item for item in series.tolist()]
    return {"dtype": str(dtype), "values": encoding.encode(values, buffers)}


def _series(pandas: Any, node: Node, memory: memoryview) -> Any:
    if node["dtype"] == "numpy":
        return pandas.Series(encoding.decode_array(node["values"], memory), copy=False)
    if node["dtype"] == "category":
        categories = decode(node["categories"], memory, "")
        codes = encoding.decode_array(node["values"], memory)
        return pandas.Series(pandas.Categorical.from_codes(codes, categories=categories, ordered=node["ordered"]))
    if node["dtype"] == "zoned":
        return pandas.Series(encoding.decode_array(node["values"], memory)).dt.tz_localize("UTC").dt.tz_convert(node["zone"])
    return pandas.Series(encoding.decode(node["values"], memory, ""), dtype=node["dtype"])


def _dataset(dataset: Any, buffers: Buffers) -> Node:
    variables = [
        {
            "name": encoding.encode(name, buffers),
            "dims": encoding.encode(list(variable.dims), buffers),
            "values": encoding.encode_array(np.asarray(variable.values), buffers),
            "attributes": encoding.encode(dict(variable.attrs), buffers),
            "coordinate": name in dataset.coords,
        }
        for name, variable in dataset.variables.items()
    ]
    return {"variables": variables, "attributes": encoding.encode(dict(dataset.attrs), buffers)}


def _read_dataset(node: Node, memory: memoryview) -> Any:
    import xarray

    parts: dict[bool, dict] = {True: {}, False: {}}
    for one in node["variables"]:
        dims = encoding.decode(one["dims"], memory, "")
        variable = xarray.Variable(dims, encoding.decode_array(one["values"], memory), encoding.decode(one["attributes"], memory, ""))
        parts[one["coordinate"]][encoding.decode(one["name"], memory, "")] = variable
    return xarray.Dataset(parts[False], parts[True], encoding.decode(node["attributes"], memory, ""))


def decode(node: Node, memory: memoryview, framework: str) -> Any:
    """The table of a node; its arrays lie on the mapped memory where pandas and xarray allow it."""
    kind = node["kind"]
    if kind == "xarray.set":
        return _read_dataset(node["set"], memory)
    if kind == "xarray.array":
        return _read_dataset(node["set"], memory)["_tradewind"].rename(encoding.decode(node["name"], memory, ""))
    import pandas

    if kind == "pandas.scalar":
        return getattr(pandas, node["type"])(node["value"])
    if kind == "pandas.range":
        return pandas.RangeIndex(*node["range"], name=encoding.decode(node["name"], memory, ""))
    if kind == "pandas.index":
        return pandas.Index(_series(pandas, node["column"], memory), name=encoding.decode(node["name"], memory, ""))
    if kind == "pandas.multiindex":
        levels = [_series(pandas, level, memory) for level in node["levels"]]
        return pandas.MultiIndex.from_arrays(levels, names=encoding.decode(node["names"], memory, ""))
    index = decode(node["index"], memory, framework)
    if kind == "pandas.series":
        return _series(pandas, node["column"], memory).set_axis(index).rename(encoding.decode(node["name"], memory, ""))
    columns = decode(node["columns"], memory, framework)
    frame = pandas.DataFrame({at: _series(pandas, column, memory) for at, column in enumerate(node["data"])}, copy=False)
    if not node["data"]:
        frame = pandas.DataFrame(index=range(len(index)))
    return frame.set_axis(index, axis=0).set_axis(columns, axis=1)


def describe(value: Any) -> str | None:
    """``pandas.DataFrame [365, 4]``; None for what is no table."""
    shape = getattr(value, "shape", None) if type(value).__module__.startswith(("pandas", "xarray")) else None
    kind = type(value)
    package = kind.__module__.partition(".")[0]
    if shape is not None:
        return f"{package}.{kind.__name__} {list(shape)}"
    return f"{package}.{kind.__name__} {dict(value.sizes)}" if kind.__name__ == "Dataset" else f"{package}.{kind.__name__}"
