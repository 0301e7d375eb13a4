"""torch.utils.data: datasets, samplers and the DataLoader, which gives MindSpore tensors. With workers it runs on mindspore.dataset's pipeline."""

import bisect
import itertools
import math
import os

import mindspore as ms
import numpy as np

from .distributed import get_rank, get_world_size
from .dtypes import to
from .environment import Generator
from .random import randint, randperm
from .unsupported import refused


class Dataset:
    """A map-style dataset: ``__getitem__`` and ``__len__``."""

    def __getitem__(self, index):
        raise NotImplementedError(f"{type(self).__name__} has no __getitem__.")

    def __add__(self, other):
        return ConcatDataset([self, other])


class IterableDataset(Dataset):
    """A dataset that is a stream: ``__iter__``."""

    def __add__(self, other):
        return ChainDataset([self, other])


class ChainDataset(IterableDataset):
    def __init__(self, datasets):
        self.datasets = datasets

    def __iter__(self):
        return itertools.chain.from_iterable(self.datasets)

    def __len__(self):
        return sum(len(one) for one in self.datasets)


class TensorDataset(Dataset):
    def __init__(self, *tensors):
        if any(len(one) != len(tensors[0]) for one in tensors):
            raise ValueError("Size mismatch between tensors")
        self.tensors = tensors

    def __getitem__(self, index):
        return tuple(one[index] for one in self.tensors)

    def __len__(self):
        return len(self.tensors[0])


class ConcatDataset(Dataset):
    def __init__(self, datasets):
        self.datasets = list(datasets)
        self.cumulative_sizes = list(itertools.accumulate(len(one) for one in self.datasets))

    def __len__(self):
        return self.cumulative_sizes[-1]

    def __getitem__(self, idx):
        if idx < 0:
            idx += len(self)
        at = bisect.bisect_right(self.cumulative_sizes, idx)
        return self.datasets[at][idx - (self.cumulative_sizes[at - 1] if at else 0)]


class Subset(Dataset):
    def __init__(self, dataset, indices):
        self.dataset = dataset
        self.indices = indices

    def __getitem__(self, idx):
        if isinstance(idx, list):
            return self.dataset[[self.indices[one] for one in idx]]
        return self.dataset[self.indices[idx]]

    def __len__(self):
        return len(self.indices)


def random_split(dataset, lengths, generator=None):
    """Parts of the given lengths, or shares that sum to 1, in random order."""
    if math.isclose(sum(lengths), 1) and sum(lengths) <= 1:
        shares = [math.floor(len(dataset) * one) for one in lengths]
        for at in range(len(dataset) - sum(shares)):
            shares[at % len(shares)] += 1
        lengths = shares
    if sum(lengths) != len(dataset):
        raise ValueError("Sum of input lengths does not equal the length of the input dataset!")
    order = randperm(len(dataset), generator=generator).asnumpy().tolist()
    ends = list(itertools.accumulate(lengths))
    return [Subset(dataset, order[end - length : end]) for end, length in zip(ends, lengths, strict=True)]


class Sampler:
    """Gives the order of a dataset's items."""

    def __init__(self, data_source=None):
        self.data_source = data_source

    def __iter__(self):
        raise NotImplementedError(f"{type(self).__name__} has no __iter__.")


class SequentialSampler(Sampler):
    def __iter__(self):
        return iter(range(len(self.data_source)))

    def __len__(self):
        return len(self.data_source)


class RandomSampler(Sampler):
    def __init__(self, data_source, replacement=False, num_samples=None, generator=None):
        self.data_source, self.replacement, self.generator = data_source, replacement, generator
        self.num_samples = len(data_source) if num_samples is None else num_samples

    def __iter__(self):
        size = len(self.data_source)
        if self.replacement:
            yield from randint(0, size, (self.num_samples,), generator=self.generator).asnumpy().tolist()
            return
        for _ in range(self.num_samples // size):
            yield from randperm(size, generator=self.generator).asnumpy().tolist()
        # PyTorch draws once more even where nothing is left over: so the next epoch's order is its, too.
        yield from randperm(size, generator=self.generator).asnumpy().tolist()[: self.num_samples % size]

    def __len__(self):
        return self.num_samples


class SubsetRandomSampler(Sampler):
    def __init__(self, indices, generator=None):
        self.indices, self.generator = indices, generator

    def __iter__(self):
        for at in randperm(len(self.indices), generator=self.generator).asnumpy().tolist():
            yield self.indices[at]

    def __len__(self):
        return len(self.indices)


class WeightedRandomSampler(Sampler):
    def __init__(self, weights, num_samples, replacement=True, generator=None):
        weights = np.asarray(weights.asnumpy() if isinstance(weights, ms.Tensor) else weights, np.float64)
        self.weights, self.num_samples, self.replacement, self.generator = weights, num_samples, replacement, generator

    def __iter__(self):
        random = np.random if self.generator is None else self.generator.random
        shares = self.weights / self.weights.sum()
        return iter(random.choice(len(shares), self.num_samples, replace=self.replacement, p=shares).tolist())

    def __len__(self):
        return self.num_samples


class BatchSampler(Sampler):
    def __init__(self, sampler, batch_size, drop_last):
        self.sampler, self.batch_size, self.drop_last = sampler, batch_size, drop_last

    def __iter__(self):
        batch = []
        for one in self.sampler:
            batch.append(one)
            if len(batch) == self.batch_size:
                yield batch
                batch = []
        if batch and not self.drop_last:
            yield batch

    def __len__(self):
        size = len(self.sampler)
        return size // self.batch_size if self.drop_last else math.ceil(size / self.batch_size)


class DistributedSampler(Sampler):
    """Each process's share of a dataset; call ``set_epoch`` so that every epoch has another order."""

    def __init__(self, dataset, num_replicas=None, rank=None, shuffle=True, seed=0, drop_last=False):
        self.dataset, self.shuffle, self.seed, self.drop_last, self.epoch = dataset, shuffle, seed, drop_last, 0
        self.num_replicas = get_world_size() if num_replicas is None else num_replicas
        self.rank = get_rank() if rank is None else rank
        if not 0 <= self.rank < self.num_replicas:
            raise ValueError(f"Invalid rank {rank}, rank should be in the interval [0, {self.num_replicas - 1}]")
        rounded = len(dataset) // self.num_replicas if drop_last else math.ceil(len(dataset) / self.num_replicas)
        self.num_samples = rounded
        self.total_size = rounded * self.num_replicas

    def __iter__(self):
        order = list(range(len(self.dataset)))
        if self.shuffle:
            order = _seeded_order(len(self.dataset), self.seed + self.epoch)
        if not self.drop_last:
            order = list(itertools.islice(itertools.cycle(order), self.total_size))
        return iter(order[self.rank : self.total_size : self.num_replicas])

    def __len__(self):
        return self.num_samples

    def set_epoch(self, epoch):
        self.epoch = epoch


def _seeded_order(size, seed):
    return randperm(size, generator=Generator().manual_seed(seed)).asnumpy().tolist()


def default_convert(data):
    """NumPy arrays and numbers become tensors; the containers stay."""
    if isinstance(data, (np.ndarray, np.generic)):
        return data if data.dtype.kind in "SU" else ms.Tensor(np.asarray(data))
    if isinstance(data, dict):
        return {name: default_convert(value) for name, value in data.items()}
    if isinstance(data, (list, tuple)):
        items = [default_convert(one) for one in data]
        return _same_kind(data, items) if hasattr(data, "_fields") else items
    return data


def _same_kind(example, items):
    if hasattr(example, "_fields"):
        return type(example)(*items)
    return tuple(items) if isinstance(example, tuple) else list(items)


def default_collate(batch):
    """A list of samples → one sample of stacked tensors."""
    first = batch[0]
    if isinstance(first, ms.Tensor):
        return ms.Tensor(np.stack([one.asnumpy() for one in batch]), first.dtype)
    if isinstance(first, np.ndarray):
        if first.dtype.kind in "SUO":
            raise TypeError(f"default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found {first.dtype}")
        return ms.Tensor(np.stack(batch))
    if isinstance(first, (bool, int, float, np.generic)):
        return ms.Tensor(np.asarray(batch))
    if isinstance(first, (str, bytes)):
        return list(batch)
    if isinstance(first, dict):
        return {name: default_collate([one[name] for one in batch]) for name in first}
    if isinstance(first, (list, tuple)):
        if any(len(one) != len(first) for one in batch):
            raise RuntimeError("each element in list of batch should be of equal size")
        parts = [default_collate(list(column)) for column in zip(*batch, strict=True)]
        return parts if isinstance(first, tuple) and not hasattr(first, "_fields") else _same_kind(first, parts)
    raise TypeError(f"default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found {type(first)}")


class DataLoader:
    """Batches of a dataset, in order or shuffled, in this thread or prepared by workers."""

    def __init__(
        self, dataset, batch_size=1, shuffle=None, sampler=None, batch_sampler=None, num_workers=0, collate_fn=None, pin_memory=False,
        drop_last=False, timeout=0, worker_init_fn=None, multiprocessing_context=None, generator=None, *, prefetch_factor=None,
        persistent_workers=False, pin_memory_device="", in_order=True,
    ):  # fmt: skip
        if timeout or not in_order:
            refused("torch.utils.data.DataLoader", "timeout or in_order", "The pipeline waits for its workers and keeps their order.")
        if batch_sampler is not None and (batch_size != 1 or shuffle or sampler is not None or drop_last):
            raise ValueError("batch_sampler option is mutually exclusive with batch_size, shuffle, sampler, and drop_last")
        if sampler is not None and shuffle:
            raise ValueError("sampler option is mutually exclusive with shuffle")
        self.dataset, self.num_workers, self.generator, self.drop_last = dataset, num_workers, generator, drop_last
        self.worker_init_fn, self.prefetch_factor = worker_init_fn, prefetch_factor or 2
        self.pin_memory = pin_memory
        self.batch_size = None if batch_sampler is not None else batch_size
        self.stream = isinstance(dataset, IterableDataset)
        if self.stream:
            self.sampler = None
        elif sampler is not None:
            self.sampler = sampler
        else:
            self.sampler = RandomSampler(dataset, generator=generator) if shuffle else SequentialSampler(dataset)
        if batch_sampler is None and batch_size is not None and not self.stream:
            batch_sampler = BatchSampler(self.sampler, batch_size, drop_last)
        self.batch_sampler = batch_sampler
        batched = batch_size is not None or batch_sampler is not None
        self.collate_fn = collate_fn if collate_fn is not None else default_collate if batched else default_convert

    def __len__(self):
        if self.stream:
            size = len(self.dataset)
            if self.batch_size is None:
                return size
            return size // self.batch_size if self.drop_last else math.ceil(size / self.batch_size)
        return len(self.sampler if self.batch_sampler is None else self.batch_sampler)

    def __iter__(self):
        if self.generator is not None:
            self.generator.draw(2)  # PyTorch takes its workers' seed from it
        if self.stream:
            return self._stream()
        if self.num_workers > 0:
            return self._pipeline()
        return self._plain()

    def _batch(self, choice):
        return self.collate_fn(self.dataset[choice] if self.batch_sampler is None else [self.dataset[one] for one in choice])

    def _plain(self):
        for choice in self.sampler if self.batch_sampler is None else self.batch_sampler:
            yield self._batch(choice)

    def _stream(self):
        items = iter(self.dataset)
        if self.batch_size is None:
            yield from map(self.collate_fn, items)
            return
        while batch := list(itertools.islice(items, self.batch_size)):
            if len(batch) == self.batch_size or not self.drop_last:
                yield self.collate_fn(batch)

    def _pipeline(self):
        """mindspore.dataset's workers (threads) make the batches ahead; order and samples are those of one thread."""
        choices = list(self.sampler if self.batch_sampler is None else self.batch_sampler)
        if not choices:
            return
        if self.worker_init_fn is not None:
            for worker in range(self.num_workers):
                self.worker_init_fn(worker)
        made = _Batches(self, choices)
        source = ms.dataset.GeneratorDataset(
            made, ["place"], shuffle=False, python_multiprocessing=False,
            num_parallel_workers=max(1, min(self.num_workers, os.cpu_count() or 1, len(choices))),
        )  # fmt: skip
        for (place,) in source.create_tuple_iterator(num_epochs=1, output_numpy=True):
            yield made.taken(int(place))


class _Batches:
    """What GeneratorDataset's workers read: each makes a whole batch and hands on its number."""

    def __init__(self, loader, choices):
        self.loader, self.choices, self.made = loader, choices, {}

    def __len__(self):
        return len(self.choices)

    def __getitem__(self, at):
        self.made[int(at)] = self.loader._batch(self.choices[int(at)])
        return (np.int64(at),)

    def __deepcopy__(self, memo):
        # GeneratorDataset copies its source; these are one.
        return memo.setdefault(id(self), self)

    def taken(self, at):
        return self.made.pop(at)


def moved(value, *args, **kwargs):
    """``value.to(…)`` of what only shows at run time: a tensor is cast where a dtype is asked for, anything else moves itself."""
    if isinstance(value, ms.Tensor):
        return to(value, *args, **kwargs)
    return value.to(*args, **kwargs)


def moved_to_device(value):
    """``value.cuda()`` and ``value.cpu()``: MindSpore's context has placed it."""
    return value
