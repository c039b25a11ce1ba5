"""The place where plug-ins of the first version find `module` and its like. New ones import `engine.api`."""

from engine.kinds.code import Call, Code, Name, expression, literal, module, on_tensor

__all__ = ["Call", "Code", "Name", "expression", "literal", "module", "on_tensor"]
