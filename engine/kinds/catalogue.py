"""Declares every kind the engine brings, by importing the pages they stand on.

The order is that of the palette: within a family, what is wanted most often comes first.
"""

from importlib import import_module

PAGES = (
    "engine.data.sets.pictures",
    "engine.data.sets.tables",
    "engine.data.sets.series",
    "engine.data.sets.speech",
    "engine.data.sets.texts",
    "engine.data.sets.toys",
    "engine.data.sets.invented",
    "engine.data.own.table_file",
    "engine.data.columns.numbers",
    "engine.data.columns.categories",
    "engine.data.columns.arrays",
    "engine.losses.classification",
    "engine.losses.binary",
    "engine.losses.regression",
    "engine.losses.pairs",
    "engine.metrics.metric",
    "engine.optim.optimisers",
    "engine.optim.adaptive",
    "engine.optim.by_sign",
    "engine.optim.by_matrix",
    "engine.optim.schedules",
    "engine.layers.initialisations",
    "engine.layers.input_output",
    "engine.layers.block_ends",
    "engine.layers.combine",
    "engine.layers.reshape",
    "engine.layers.convolution",
    "engine.layers.transposed",
    "engine.layers.patches",
    "engine.layers.dense",
    "engine.layers.pooling",
    "engine.layers.adaptive",
    "engine.layers.unpooling",
    "engine.layers.resize",
    "engine.layers.batch_norm",
    "engine.layers.sample_norm",
    "engine.layers.dropout",
    "engine.layers.chance",
    "engine.layers.activation",
    "engine.layers.shaping",
    "engine.layers.recurrent",
    "engine.layers.cells",
    "engine.layers.attention",
    "engine.layers.transformer",
    "engine.layers.positions",
    "engine.layers.tensors",
    "engine.layers.rearrange",
    "engine.layers.cutting",
    "engine.layers.arithmetic",
    "engine.layers.reduce",
    "engine.layers.functions",
    "engine.layers.spectral",
)

for page in PAGES:
    import_module(page)
