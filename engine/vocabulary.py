"""Declares every kind the engine brings, by importing the pages they stand on.

The order is that of the palette: within a family, what is wanted most often comes first.
"""

# ruff: noqa: F401, I001

import engine.data.sources
import engine.losses
import engine.optimisers
import engine.layers.ends
import engine.layers.convolution
import engine.layers.transposed
import engine.layers.patches
import engine.layers.dense
import engine.layers.pooling
import engine.layers.adaptive
import engine.layers.unpooling
import engine.layers.resize
import engine.layers.normalise
import engine.layers.dropout
import engine.layers.activation
import engine.layers.shaping
import engine.layers.recurrent
import engine.layers.attention
import engine.layers.transformer
import engine.layers.positions
import engine.layers.combine
import engine.layers.reshape
import engine.layers.rearrange
import engine.layers.cutting
import engine.layers.arithmetic
import engine.layers.reduce
import engine.layers.functions
import engine.layers.spectral
