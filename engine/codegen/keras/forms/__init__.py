"""The Keras forms of the engine's kinds, declared by importing the pages they stand on. Needs no Keras."""

from importlib import import_module

for _page in (
    "maps",
    "pools",
    "windows",
    "signals",
    "dense",
    "norms",
    "activations",
    "recurrent",
    "cells",
    "attention",
    "arrange",
    "numbers",
):
    import_module(f"engine.codegen.keras.forms.{_page}")
