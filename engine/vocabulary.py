"""Declares every kind the engine brings, by importing the pages they stand on."""

import engine.data.sources
import engine.layers.activation
import engine.layers.arithmetic
import engine.layers.attention
import engine.layers.combine
import engine.layers.convolution
import engine.layers.dense
import engine.layers.ends
import engine.layers.normalise
import engine.layers.patches
import engine.layers.pooling
import engine.layers.positions
import engine.layers.rearrange
import engine.layers.recurrent
import engine.layers.reduce
import engine.layers.reshape
import engine.layers.resize
import engine.layers.shaping
import engine.layers.spectral
import engine.layers.transformer
import engine.layers.transposed
import engine.layers.unpooling
import engine.losses
import engine.optimisers  # noqa: F401
