"""Every problem that an analysis finds, declared once: its name, its level and its sentences.

What layers and losses object to becomes a problem as well; it is declared with them, see
`engine.kinds.objections`. Ways out of either are tied to these declarations in `engine.repairs`.
"""

from __future__ import annotations

from collections.abc import Iterable

from attrs import evolve, field, frozen

from engine.analysis.results import Level, Problem
from engine.kinds.objections import Objection
from engine.kinds.shapes import Shape
from engine.message import Message, fill


@frozen(kw_only=True)
class ProblemKind:
    """A problem as it is declared: its name, its level and its sentences, templates that are filled where it
    is found.

        yield TWO_AS_ONE(node.id, first=first.name, wire=wire)

    What is given there fills the sentences and tells the repairs what they need (`Problem.facts`). `by_hand`
    says why no way out is proposed but to take the layer away, where none is. `of_training` is a problem of
    how the network is trained: what was trained elsewhere can be used and exported all the same.
    """

    name: str = field(kw_only=False)
    level: Level = "error"
    message: str
    expected: str
    received: str
    why: str
    by_hand: str = ""
    of_training: bool = False

    def __call__(
        self,
        node: str = "",
        *,
        port: str = "",
        level: Level | None = None,
        inner: Problem | None = None,
        **facts: object,
    ) -> Problem:
        """The problem at a node, or of the network as a whole. `level` is another one than that of the
        declaration. Raises `TypeError` where a value that a sentence names is missing.
        """
        message, expected, received, why = fill(self.message, self.expected, self.received, self.why, **facts)
        return Problem(
            node=node,
            name=self.name,
            level=level or self.level,
            message=message,
            expected=expected,
            received=received,
            why=why,
            port=port,
            facts=facts,
            inner=inner,
            of_training=self.of_training,
        )

    def worded(
        self, *, message: str = "", expected: str = "", received: str = "", why: str = ""
    ) -> ProblemKind:
        """The same problem in other words, where those of its declaration do not say it well."""
        return evolve(
            self,
            message=message or self.message,
            expected=expected or self.expected,
            received=received or self.received,
            why=why or self.why,
        )


def objected(node: str, objection: Objection, arrived: Iterable[Shape]) -> Problem:
    """What a layer or a loss objects to, as a problem at its node. Where the objection does not say what it
    received, that is the shapes that arrived.
    """
    shapes = " and ".join(map(str, arrived)) or "nothing"
    received = objection.received or Message("{shapes}", shapes=shapes)
    expected = objection.expected
    return Problem(
        node=node,
        name=objection.name,
        level="error",
        message=Message("expects {expected}, but receives {received}", expected=expected, received=received),
        expected=expected,
        received=received,
        why=objection.why,
        facts=objection.facts,
    )


# --------------------------------------------------------------------------- the network as a whole

EMPTY = ProblemKind(
    "empty",
    message="The network is empty; it needs an Input, a layer and an Output",
    expected="an Input, a layer and an Output",
    received="no layers",
    why="Data enters at an Input, and what is learned is judged at an Output.",
)
DROPPED_WIRES = ProblemKind(
    "dropped-wires",
    level="warning",
    message="The file has {number} wire{number:|s} that cannot be, left out here: {reason}",
    expected="wires from an output to an input that are there",
    received="{reason}",
    why="Draw what is missing; saving the network writes it without.",
    by_hand="Where such a wire was meant to lead is not in the file.",
)
NO_OUTPUT = ProblemKind(
    "no-output",
    message="The network has no Output, so nothing says what it should learn; add one at the end",
    expected="an Output",
    received="none",
    why="An Output compares the prediction with the data.",
)
NO_INPUT = ProblemKind(
    "no-input",
    message="The network has no Input, so no data comes in; add one at the top",
    expected="an Input",
    received="none",
    why="An Input brings a column of the data in.",
)
NO_EXIT = ProblemKind(
    "no-exit",
    message="The block has no Exit, so nothing comes out of it; add one at the end",
    expected="an Exit",
    received="none",
    why="What arrives at an Exit is what the block gives.",
)
NOTHING_TO_TRAIN = ProblemKind(
    "nothing-to-train",
    message="No layer has weights, so there is nothing to train; add a Linear layer or a convolution",
    expected="at least one layer with weights that an Output depends on",
    received="none",
    why="Training changes weights, by gradients that come back from the Outputs.",
)
ALL_FROZEN = NOTHING_TO_TRAIN.worded(
    message="Every layer with weights is frozen, so there is nothing to train; thaw one",
    received="frozen layers only",
)
NO_WEIGHT_REACHED = NOTHING_TO_TRAIN.worded(
    message="No weight reaches an Output, so there is nothing to train; whole numbers stop it",
    received="whole numbers between every weight and the Outputs",
)
DATA = ProblemKind(
    "data",
    message="{reason}",
    expected="data that can be read",
    received="none",
    why="Shapes begin with the data.",
    by_hand="The data is not part of the network; its panel is where another is chosen.",
)
UNKNOWN_IN_RECIPE = ProblemKind(
    "unknown-in-recipe",
    message="The {role} is of a kind that is not known here: {reason}",
    expected="a kind that this program has",
    received="{kind}",
    why="Its data is kept when the network is saved.",
    by_hand="How to train is no part of the network; its panel is where another kind is chosen.",
    of_training=True,
)
RECIPE_FAILS = ProblemKind(
    "recipe-fails",
    message="{reason}",
    expected="a plug-in that works",
    received="{kind}",
    why="Training changes the weights by the optimiser, at the rate of the schedule.",
    by_hand="The fault is in a person's own file.",
    of_training=True,
)
TOO_FEW_SAMPLES = ProblemKind(
    "too-few-samples",
    message="{reason}",
    expected="samples to train on",
    received="too few",
    why="What is held back for validation and test is not learned from.",
)
MEMORY = ProblemKind(
    "memory",
    message="Training needs about {needed} of memory, and {free} are free",
    expected="at most {free}",
    received="{needed}",
    why="{weights} of it are for the weights and what the optimiser keeps of each. Make {layer} "
    "smaller, which has most of them.",
    of_training=True,
)
MEMORY_OF_OUTPUTS = MEMORY.worded(
    why="{outputs} of it are for what the layers put out. Make the batch smaller, or what goes in."
)
MEMORY_OF_DATA = MEMORY.worded(
    why="{data} of it are for the data, which is read as a whole. Choose fewer samples, or a smaller set."
)
NESTEROV_WITHOUT_MOMENTUM = ProblemKind(
    "nesterov-without-momentum",
    level="warning",
    message="The optimiser has Nesterov turned on, but no momentum, so it trains without Nesterov",
    expected="a momentum above 0",
    received="a momentum of 0",
    why="Nesterov looks ahead along the momentum.",
)
NESTEROV_WITH_DAMPENING = ProblemKind(
    "nesterov-with-dampening",
    level="warning",
    message="The optimiser has Nesterov and a dampening of {dampening}, which exclude each other, so it "
    "trains without Nesterov",
    expected="a dampening of 0 with Nesterov",
    received="{dampening}",
    why="Nesterov looks ahead along a momentum that takes the whole gradient.",
)
SPARES_NOTHING = ProblemKind(
    "spares-nothing",
    level="warning",
    message="{optimiser} is to spare biases from a weight decay of 0, so that changes nothing",
    expected="a weight decay above 0",
    received="0",
    why="Where nothing decays, nothing is spared.",
)
WHOLE_BATCH_NEEDED = ProblemKind(
    "whole-batch-needed",
    message="{optimiser} takes all samples at once, but a step takes {batch} of {samples}",
    expected="a batch size of all",
    received="{batch}",
    why="One step looks at the loss several times and compares what it sees, which other samples would "
    "change.",
    of_training=True,
)
WHOLE_BATCH_WANTED = ProblemKind(
    "whole-batch-wanted",
    level="warning",
    message="{optimiser} goes by the sign of the gradient, but a step takes only {batch} of {samples} "
    "samples",
    expected="a batch size of all",
    received="{batch}",
    why="From one small batch to the next signs change by chance, and every turn shortens the steps.",
)
WARM_UP_LASTS = ProblemKind(
    "warm-up-lasts",
    level="warning",
    message="The warm-up takes {warm_up} epochs and training {epochs}, so the rate never falls",
    expected="a warm-up shorter than the training, {epochs} epoch{epochs:|s}",
    received="{warm_up}",
    why="The rate falls from the end of the warm-up on.",
)
NEVER_FALLS = ProblemKind(
    "never-falls",
    level="warning",
    message="The rate is to fall every {every} epochs, but training takes {epochs}, so it never does",
    expected="fewer epochs between two falls than the training has, {epochs}",
    received="{every}",
    why="The first fall comes after so many epochs.",
)
NEVER_FALLS_FIRST = NEVER_FALLS.worded(
    message="The rate is to fall after {every} epochs, but training takes {epochs}, so it never does",
    expected="fewer epochs before the first fall than the training has, {epochs}",
)
WATCHES_NOTHING = ProblemKind(
    "watches-nothing",
    message="The recipe watches {watched}, which is not measured here",
    expected="one of {names}",
    received="{watched}",
    why="By it training tells which epoch is the best; the Outputs say what is measured.",
    of_training=True,
)
NO_CLASSES_TO_BALANCE = ProblemKind(
    "no-classes-to-balance",
    message="Samples are to be drawn so that all classes come up equally often, but there are none",
    expected="an Output that asks for one class a sample",
    received="none",
    why="Where nothing has a class, nothing is rare.",
    of_training=True,
)
BALANCED_TWICE = ProblemKind(
    "balanced-twice",
    level="warning",
    message="Rare classes are drawn more often, and {output} lets them count more as well, so they count too "
    "much",
    expected="one of the two",
    received="both",
    why="Drawing a class twice as often does the same as counting it twice.",
)
HALF_ON_PROCESSOR = ProblemKind(
    "half-on-processor",
    level="warning",
    message="float16 is slow on a processor and overflows early; it is meant for a GPU",
    expected="bfloat16, or float32",
    received="float16",
    why="Processors compute float16 in detours, and its largest number is 65,504.",
)
NOTHING_RECOMPUTED = ProblemKind(
    "nothing-recomputed",
    level="warning",
    message="Blocks are to compute anew what they gave, but the network has none, so no memory is saved",
    expected="blocks, or layers that are made of others, such as a Transformer's",
    received="none",
    why="What is computed anew begins where a block begins. Select layers and fold them into a block.",
)
SEARCHES_ALONE = ProblemKind(
    "searches-alone",
    message="{optimiser} cannot do with {setting}",
    expected="{setting} left out, or another optimiser",
    received="{setting}",
    why="It compares losses of the same weights and samples, to the last digit.",
    of_training=True,
)
PATIENCE_LASTS = ProblemKind(
    "patience-lasts",
    level="warning",
    message="Training waits {patience} epoch{patience:|s} for a better one, but takes only {epochs}, so it "
    "never stops early",
    expected="a patience below the number of epochs, {epochs}",
    received="{patience}",
    why="It stops when the validation loss has not fallen for so many epochs.",
)
AVERAGE_BEGINS_LATE = ProblemKind(
    "average-begins-late",
    level="warning",
    message="The average begins with the last of {epochs} epoch{epochs:|s}, so it is of one moment only",
    expected="an average of two epochs or more",
    received="the last epoch",
    why="The mean of one is that one.",
)
BATCH_TOO_LARGE = ProblemKind(
    "batch-too-large",
    level="warning",
    message="A step takes {batch} samples, but {samples} are there to train on, so an epoch is one step",
    expected="at most {samples} samples a step",
    received="{batch}",
    why="Weights change once a step; smaller batches change them more often in as many epochs.",
)
CLIPS_ALL = ProblemKind(
    "clips-all",
    level="warning",
    message="Every gradient is shortened to a length of {clip}, so the weights will hardly move",
    expected="a length that only the longest gradients exceed, such as 1",
    received="{clip}",
    why="A step changes the weights by the gradient that is left.",
)
RATE_TOO_HIGH = ProblemKind(
    "rate-too-high",
    level="warning",
    message="The learning rate is {rate}; a step would throw the weights far beyond where they are useful",
    expected="a rate of at most {most:g}, such as {usual:g}",
    received="{rate}",
    why="A step changes the weights by about the rate times the gradient.",
)
RATE_TOO_LOW = RATE_TOO_HIGH.worded(
    message="The learning rate is {rate}; steps that small are lost in rounding",
    expected="a rate such as {usual:g}",
)

# --------------------------------------------------------------------------- a node, before anything arrives

UNKNOWN_KIND = ProblemKind(
    "unknown-kind",
    message="is of a kind that is not known here: {reason}",
    expected="a kind that this program has",
    received="{kind}",
    why="Its data is kept when the network is saved.",
)
ILLEGAL_SETTING = ProblemKind(
    "illegal-setting",
    message="has a setting that is not legal: {reason}",
    expected="legal settings of a{kind:|n} {kind}",
    received="{reason}",
    why="What the file says is kept until it is changed.",
)
ILLEGAL_SETTINGS = ILLEGAL_SETTING.worded(message="has settings that are not legal: {reason}")
MISPLACED_INSIDE = ProblemKind(
    "misplaced",
    message="cannot stand inside a block; data goes into a block at an Entry and out at an Exit",
    expected="a{instead:|n} {instead}",
    received="a{kind:|n} {kind}",
    why="Columns of the data belong to the network, so that a block can be used anywhere.",
)
MISPLACED_OUTSIDE = MISPLACED_INSIDE.worded(
    message="stands outside of a block, where nothing goes in or out",
    expected="an Input or Output",
    why="An Entry and an Exit are the ends of a block.",
)
INSIDE = ProblemKind(
    "inside",
    message="has a problem inside: {layer} {message}",
    expected="{expected}",
    received="{received}",
    why="{why}",
)
"""Its `repetition` is the time through the block in which it is, counted from 0."""
INSIDE_REPETITION = INSIDE.worded(message="has a problem inside, at repetition {time}: {layer} {message}")

# --------------------------------------------------------------------------- wires

UNWIRED = ProblemKind(
    "unwired",
    message="has no wire at its input ({doc})",
    expected="{pattern}",
    received="nothing",
    why="Without it the layer has nothing to work on.",
)
TOO_FEW_WIRES = UNWIRED.worded(
    message="takes at least {least} wire{least:|s} but has {present}",
    expected="at least {least} wire{least:|s}",
    received="{present}",
)
NOTHING_TO_PASS = UNWIRED.worded(
    message="is muted and has no wire at its input ({doc}), so nothing goes on",
    why="A muted layer passes on what arrives.",
)
LEFT_OUT = ProblemKind(
    "left-out",
    level="note",
    message="reaches no output, so it is left out of training",
    expected="a wire that leads to an Output",
    received="none",
    why="Only what an Output depends on is computed and trained.",
)
LEFT_OUT_WITH_ONE = LEFT_OUT.worded(
    message="reaches no output, so it and the layer above are left out of training"
)
LEFT_OUT_WITH_MANY = LEFT_OUT.worded(
    message="reaches no output, so it and the {number} layers above are left out of training"
)

# --------------------------------------------------------------------------- what arrives at a layer

WRONG_SHAPE = ProblemKind(
    "wrong-shape",
    message="expects {pattern} but receives {shape}",
    expected="{pattern}",
    received="{shape}",
    why="It works on {doc}.",
)
WRONG_RANK = WRONG_SHAPE.worded(
    why="It works on {doc}: {rank} axes with the samples, and this has {received}."
)
WRONG_NUMBERS = ProblemKind(
    "wrong-numbers",
    message="expects {wanted} but receives {present}",
    expected="{wanted}",
    received="{present}",
    why="It works on {doc}.",
)
ENTRIES_MISSING = ProblemKind(
    "entries-missing",
    message="has rows for the numbers 0 to {last}, but {column} goes up to {most}",
    expected="numbers from 0 to {last}",
    received="numbers up to {most}",
    why="A number without a row cannot be looked up.",
)
PLACES_DIFFER = ProblemKind(
    "places-differ",
    message="makes {given}, but the places come from {name}, which looked at {pooled}",
    expected="the sizes that were pooled, {pooled}",
    received="{given}",
    why="A place is counted in the map that was pooled, and means another place in another size.",
)
"""Its `pool` is the id of the node whose places they are."""
WEIGHTS_DIFFER = ProblemKind(
    "weights-differ",
    message="shares the weights of {name}, which is {other} there, but here it has to be {own}",
    expected="{other}",
    received="{own}",
    why="One set of weights has one size, so what arrives at both must have the same size.",
)
BATCH_OF_ONE = ProblemKind(
    "batch-of-one",
    message="needs batches of at least two samples, but the recipe makes batches of one",
    expected="a batch size of at least 2",
    received="a batch size of 1",
    why="A sample has one value for each feature here, and one value has no spread.",
    of_training=True,
)

# --------------------------------------------------------------------------- an Input or an Output

MISSING_COLUMN = ProblemKind(
    "missing-column",
    message="expects a column {name}, but the data has {names}",
    expected="one of {names}",
    received="{name}",
    why="The data does not have that column; its name may have changed with the data.",
)
UNMEASURED = ProblemKind(
    "unmeasured",
    level="note",
    message="asks for {metric}, which is left out: {reason}",
    expected="metrics that fit the loss and the target",
    received="{metric}",
    why="What cannot be measured is not shown.",
)
WEIGHS_NOTHING = ProblemKind(
    "weighs-nothing",
    level="warning",
    message="has a weight of 0, so nothing is learned from it",
    expected="a weight above 0",
    received="0",
    why="The weight is the share of this Output in what training makes small.",
)
IGNORES_NOTHING = ProblemKind(
    "ignores-nothing",
    level="warning",
    message="ignores the class {ignored}, which {column} does not have",
    expected="a class from 0 to {last}",
    received="{ignored}",
    why="Every sample counts, as if no class were ignored.",
)
SCORES_KEPT = ProblemKind(
    "scores-kept",
    level="note",
    message="is not needed before {output}: its loss comes out the same without it",
    expected="the scores themselves",
    received="the logarithms of their shares",
    why="It takes one number from all scores of a sample, and {loss} goes by their differences.",
    by_hand="To take it away is all there is to do.",
)
SCORES_CUT = ProblemKind(
    "scores-cut",
    level="warning",
    message="changes the scores before {output}, whose loss takes them as they are",
    expected="scores that may be any numbers",
    received="what a{kind:|n} {kind} leaves of them",
    why="{loss} takes any numbers for scores. Cut off or squeezed, they learn slowly or not at all.",
    by_hand="To take it away is all there is to do.",
)
NO_LOG_SHARES = ProblemKind(
    "no-log-shares",
    level="warning",
    message="expects the logarithms of shares, as LogSoftmax gives them, but receives what {layer} gives",
    expected="the logarithms of shares",
    received="what {layer} gives",
    why="Where they are no such logarithms, the loss falls without end and nothing is learned.",
)
"""Its `before` is the id of the node that gives them."""

# --------------------------------------------------------------------------- between layers

TWO_AS_ONE = ProblemKind(
    "two-as-one",
    level="warning",
    message="follows {first} with no activation between them, so the two can do no more than one",
    expected="an activation between two Linear layers",
    received="what {first} gives, as it is",
    why="A weighted sum of weighted sums is a weighted sum again.",
)
"""Its `wire` is the one between them."""
DEPENDS_ON_BATCH = ProblemKind(
    "depends-on-batch",
    level="warning",
    message="remembers no mean and variance, so each answer depends on the samples that come with it",
    expected="running statistics, which judge each sample alone",
    received="those of each batch, in use as in training",
    why="After training, one sample is answered in one way alone, and in another among others.",
)
DROPS_ALL = ProblemKind(
    "drops-all",
    level="warning",
    message="drops every value while training, so nothing is learned through it",
    expected="a probability below 1",
    received="1",
    why="What is dropped is zero and carries no gradient.",
)
