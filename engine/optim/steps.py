"""Optimisers that PyTorch does not have, or not for every weight, as classes like its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor
from torch.optim import AdamW, Muon, Optimizer

Params = Iterable[Tensor] | Iterable[dict[str, Any]]
"""Weights of any shape, or groups of them with settings of their own."""


class LionSteps(Optimizer):
    """Steps by the sign of momentum and gradient together: Lion."""

    def __init__(
        self,
        params: Params,
        lr: float = 1e-4,
        betas: tuple[float, float] = (0.9, 0.99),
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(params, {"lr": lr, "betas": betas, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> float | None:  # type: ignore[override]  # PyTorch overloads it
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            weights = [weight for weight in group["params"] if weight.grad is not None]
            if weights:
                self._step(group, weights)
        return loss

    def _step(self, group: dict[str, Any], weights: list[Tensor]) -> None:
        """One step of a group, all its weights at once."""
        gradients = [weight.grad for weight in weights if weight.grad is not None]
        for weight in weights:
            if not self.state[weight]:
                self.state[weight]["momentum"] = torch.zeros_like(weight)
        momenta = [self.state[weight]["momentum"] for weight in weights]
        (beta1, beta2), rate = group["betas"], group["lr"]
        if group["weight_decay"]:
            torch._foreach_mul_(weights, 1 - rate * group["weight_decay"])
        directions = torch._foreach_lerp(gradients, momenta, beta1)
        torch._foreach_sign_(directions)
        torch._foreach_add_(weights, directions, alpha=-rate)
        torch._foreach_lerp_(momenta, gradients, 1 - beta2)


class MatrixSteps(Optimizer):
    """Muon for all weights that are matrices, AdamW for all others: PyTorch's Muon takes matrices alone.

    Its rate is measured so that a matrix moves as far as with AdamW, which makes one rate do for both.
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        weight_decay: float = 0.1,
        momentum: float = 0.95,
        nesterov: bool = True,
        ns_steps: int = 5,
    ) -> None:
        super().__init__(params, {"lr": lr, "weight_decay": weight_decay})
        matrices = self._groups(lambda weight: weight.dim() == 2)
        others = self._groups(lambda weight: weight.dim() != 2)
        self._parts: list[Optimizer] = []
        if matrices:
            self._parts.append(
                Muon(
                    matrices,
                    momentum=momentum,
                    nesterov=nesterov,
                    ns_steps=ns_steps,
                    adjust_lr_fn="match_rms_adamw",
                )
            )
        if others:
            self._parts.append(AdamW(others))
        # the groups of the parts are those that are set anew before every step
        self.param_groups = [group for part in self._parts for group in part.param_groups]

    def _groups(self, wanted: Callable[[Tensor], bool]) -> list[dict[str, Any]]:
        groups = ({**one, "params": [*filter(wanted, one["params"])]} for one in self.param_groups)
        return [group for group in groups if group["params"]]

    def step(self, closure: Callable[[], float] | None = None) -> float | None:  # type: ignore[override]  # PyTorch overloads it
        loss = closure() if closure is not None else None
        for part in self._parts:
            part.step()
        return loss

    def state_dict(self) -> dict[str, Any]:
        return {"parts": [part.state_dict() for part in self._parts]}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        for part, state in zip(self._parts, state_dict["parts"], strict=True):
            part.load_state_dict(state)
        self.param_groups = [group for part in self._parts for group in part.param_groups]
