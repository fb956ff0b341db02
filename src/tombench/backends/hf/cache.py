"""A key-value cache with room to grow in place.

transformers' own DynamicLayer allocates and copies the whole cache at each step; with many rows
that is nine tenths of the time on a CPU.
"""

import copy

from torch import Tensor
from transformers import Cache
from transformers.cache_utils import DynamicLayer, DynamicSlidingWindowLayer


class RoomyLayer(DynamicLayer):
    """Keys and values [rows, heads, tokens, size] as views of larger tensors."""

    def __init__(self, layer: DynamicLayer, rows: Tensor, room: int) -> None:
        """Copy the given rows (repeats allowed) of a layer, with room for `room` more tokens."""
        super().__init__()
        self.dtype, self.device, self.is_initialized = layer.dtype, layer.device, True
        self._fill(layer.keys, layer.values, rows, layer.keys.shape[-2] + room)

    def update(
        self, key_states: Tensor, value_states: Tensor, *_: object, **__: object
    ) -> tuple[Tensor, Tensor]:
        """Write new tokens behind the old ones; all keys and values so far."""
        begin = self.keys.shape[-2]
        end = begin + key_states.shape[-2]
        self._all_keys[:, :, begin:end] = key_states
        self._all_values[:, :, begin:end] = value_states
        self.keys, self.values = self._all_keys[:, :, :end], self._all_values[:, :, :end]
        return self.keys, self.values

    def reorder_cache(self, rows: Tensor) -> None:
        """Keep the given rows, in their order."""
        self._fill(self.keys, self.values, rows, self._all_keys.shape[-2])

    def _fill(self, keys: Tensor, values: Tensor, rows: Tensor, width: int) -> None:
        rows, tokens = rows.to(keys.device), keys.shape[-2]
        shape = (len(rows), keys.shape[1], width)
        self._all_keys = keys.new_empty(*shape, keys.shape[-1])
        self._all_values = values.new_empty(*shape, values.shape[-1])
        self.keys, self.values = self._all_keys[:, :, :tokens], self._all_values[:, :, :tokens]
        self.keys.copy_(keys[rows])
        self.values.copy_(values[rows])


def with_room(cache: Cache, rows: Tensor, room: int) -> Cache:
    """A copy of the given rows (int64, repeats allowed) that grows in place by `room` tokens.

    Layers of other kinds (sliding windows, recurrent states) are copied as they are.
    """
    grown = copy.copy(cache)
    grown.layers = [_layer(layer, rows, room) for layer in cache.layers]
    return grown


def _layer(layer: object, rows: Tensor, room: int) -> object:
    if type(layer) in (DynamicLayer, RoomyLayer) and layer.is_initialized:
        return RoomyLayer(layer, rows, room)
    other = copy.deepcopy(layer)
    other.reorder_cache(rows)
    return other


def keeps_all(cache: Cache, width: float) -> bool:
    """Does a cache of so many places lose none, so that padding among them does no harm?"""
    return all(
        type(layer) is DynamicLayer
        or (type(layer) is DynamicSlidingWindowLayer and width <= layer.sliding_window)
        for layer in cache.layers
    )
