"""A batch of training on the last part of its way: the steps that are drawn anew each time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from attrs import field, frozen
from torch import Tensor

from engine.data.scale import Scaler
from engine.data.schema import Column, Schema
from engine.data.settings import DataSettings
from engine.data.steps import PlacedStep, steps_of_training
from engine.data.transforms.draws import Draws
from engine.data.transforms.transform import Altering, Mixing, Moving


@frozen(eq=False)
class Augmented:
    """A batch after its steps: inputs by name and what goes along with them, each N×…

    Where samples were mixed, also the numbers of the partners (int64), which share of each sample is still
    itself, and whether parts were `pasted`, in what goes along as well.
    """

    inputs: Mapping[str, Tensor]
    along: Sequence[Tensor]
    partners: Tensor | None = None
    share: float = 1.0
    pasted: bool = False


@frozen(eq=False)
class _Units:
    """How what a network sees is turned into what steps work on: pictures from 0 to 1, sounds in their own
    units, all else as it is. `offset` and `size` broadcast over a batch.
    """

    offset: Tensor | None = None
    size: Tensor | None = None

    @classmethod
    def of(cls, column: Column, scaler: Scaler | None, device: torch.device) -> _Units:
        if scaler is None or column.kind not in {"image", "audio"}:
            return cls()
        offset = torch.tensor(scaler.offset, dtype=torch.float64)
        size = torch.tensor(scaler.size, dtype=torch.float64)
        if column.kind == "image":
            if column.lo is None or column.hi is None:
                return cls()
            offset, size = (offset - column.lo) / (column.hi - column.lo), size / (column.hi - column.lo)
        if bool((offset == 0).all()) and bool((size == 1).all()):
            return cls()
        return cls(offset.float().to(device), size.float().to(device))

    def into(self, values: Tensor) -> Tensor:
        return values if self.offset is None or self.size is None else values * self.size + self.offset

    def back(self, values: Tensor) -> Tensor:
        return values if self.offset is None or self.size is None else (values - self.offset) / self.size


@frozen(eq=False)
class Augmenting:
    """The steps of training of some data, on a device."""

    schema: Schema
    steps: tuple[PlacedStep, ...]
    device: torch.device
    _units: Mapping[str, _Units] = field(factory=dict)

    @classmethod
    def of(
        cls, settings: DataSettings, schema: Schema, scalers: Mapping[str, Scaler], device: torch.device
    ) -> Augmenting | None:
        """None where there are no such steps."""
        steps = steps_of_training(settings, schema)
        if not steps:
            return None
        units = {name: _Units.of(one, scalers.get(name), device) for name, one in schema.columns.items()}
        return cls(schema, steps, device, units)

    @property
    def mixes(self) -> bool:
        """Whether samples are mixed with each other."""
        return any(isinstance(one.step, Mixing) for one in self.steps)

    @torch.no_grad()
    def __call__(
        self, inputs: Mapping[str, Tensor], along: Sequence[tuple[str, Tensor]], draws: Draws
    ) -> Augmented:
        """Inputs of a batch, by name, as the network takes them, N× the column's shape; `along` are targets
        that lie on the pictures, each with its column: masks, and pictures.
        """
        batch, along = dict(inputs), list(along)
        mixing = []
        for placed in self.steps:
            match placed.step:
                case _ if placed.column not in batch:
                    pass
                case Altering() as step:
                    batch[placed.column] = self._altered(placed, step, batch[placed.column], draws)
                case Moving() as step:
                    self._move(placed.column, step, batch, along, draws)
                case Mixing() as step:
                    mixing.append((placed.column, step))
        if not mixing:
            return Augmented(batch, [values for _, values in along])
        # of several ways to mix one is drawn for each batch: two on top of each other would be no samples
        return self._mixed(*mixing[int(draws.one() * len(mixing))], batch, along, draws)

    def _altered(self, placed: PlacedStep, step: Altering, values: Tensor, draws: Draws) -> Tensor:
        column, units = self.schema.columns[placed.column], self._units[placed.column]
        if placed.features is None:
            return units.back(step.altered(units.into(values), draws, column))
        changed = values.clone()
        changed[..., placed.features] = step.altered(values[..., placed.features], draws, column)
        return changed

    def _move(
        self,
        name: str,
        step: Moving,
        batch: dict[str, Tensor],
        along: list[tuple[str, Tensor]],
        draws: Draws,
    ) -> None:
        """Move the pictures of a column, the masks beside them, and the targets that lie on them. Another
        picture of the same sample goes steps of its own.
        """
        size = _size(self.schema.columns[name])
        drawn = step.draw(len(batch[name]), size, draws)

        def moved(one: str, values: Tensor) -> Tensor:
            column = self.schema.columns[one]
            mask = column.dtype == "int"
            units = _Units() if mask else self._units[one]
            planes = values.reshape(len(values), -1, *size).float()
            found = units.back(step.moved(units.into(planes), drawn, smooth=not mask))
            return found.reshape(values.shape).to(values.dtype)

        for one, values in batch.items():
            column = self.schema.columns[one]
            if one == name or (column.kind == "image" and column.dtype == "int" and _size(column) == size):
                batch[one] = moved(one, values)
        for place, (one, values) in enumerate(along):
            if _size(self.schema.columns[one]) == size:
                along[place] = one, moved(one, values)

    def _mixed(
        self,
        name: str,
        step: Mixing,
        batch: dict[str, Tensor],
        along: Sequence[tuple[str, Tensor]],
        draws: Draws,
    ) -> Augmented:
        size = _size(self.schema.columns[name])
        partners, drawn = draws.permutation(len(batch[name])), step.draw(size, draws)

        def mixed(values: Tensor) -> Tensor:
            return step.mixed(values, values[partners], drawn)

        found = [values for _, values in along]
        if step.pastes:
            batch[name] = mixed(batch[name])
            for place, (one, values) in enumerate(along):
                if _size(self.schema.columns[one]) == size:
                    found[place] = mixed(values.reshape(len(values), -1, *size)).reshape(values.shape)
        else:
            for one, values in batch.items():
                if values.is_floating_point():
                    batch[one] = mixed(values)
        return Augmented(batch, found, partners, step.share(drawn), step.pastes)


def _size(column: Column) -> tuple[int, int]:
    """Height and width of pictures; nothing of anything else."""
    return (column.shape[-2], column.shape[-1]) if column.kind == "image" else (0, 0)
