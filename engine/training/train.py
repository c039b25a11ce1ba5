"""Training, on one page: a generator that makes steps and reports on them.

What makes it quick for small networks: samples stand on the device as one tensor, put in order once an epoch
and cut into views; nothing waits for a number at each step, since losses gather and leave about ten times a
second; the optimiser's kernel is called directly (fused_update.py).
"""

from __future__ import annotations

import math
import traceback
from collections.abc import Callable, Generator, Iterator, Mapping

from attrs import field, frozen
from torch import device as Device

from engine.analysis import memory as footprint
from engine.analysis.check import check
from engine.analysis.results import Analysis
from engine.codegen.build import Built, build
from engine.data.prepare import Prepared, prepare
from engine.files.versions import versions
from engine.hardware import device as machine
from engine.hardware import memory
from engine.hardware.random_state import OwnRandom
from engine.message import Message, Trouble
from engine.project.project import Project
from engine.project.recipe import TF32
from engine.training.checkpoint import BestWeights, Checkpoint, Weights
from engine.training.control import Control
from engine.training.divergence import Diverged, find, node_of
from engine.training.evaluation import evaluate, final_metrics, watched_measure
from engine.training.recomputing import keep_again
from engine.training.recorder import Recorder
from engine.training.reports import Changed, Evaluated, Failed, Finished, Report, Started
from engine.training.rollback import Rollback
from engine.training.samples import TensorSamples
from engine.training.state import TrainingState
from engine.training.steps.eager import EagerStep
from engine.training.steps.step import TrainingStep
from engine.training.watching import better, reached


@frozen(eq=False)
class Trained:
    """What a training leaves: the module with the weights that are kept, and of which epoch they are.

    `checkpoint` is its last moment, from which it can go on; there is none where it failed. `epochs` is how
    many it went through. `unmeasured` says why a measure could not be computed, for each by its name.
    """

    built: Built
    reason: str
    kept_epoch: float
    step: int
    metrics: Mapping[str, Mapping[str, float]]
    checkpoint: Checkpoint | None = None
    epochs: float | None = None
    unmeasured: Mapping[str, str] = field(factory=dict)


class _Unjudged(Exception):
    """The validation data could not be judged, for the reason that is its cause. The weights are whole."""


def train(
    project: Project,
    prepared: Prepared | None = None,
    control: Control | None = None,
    *,
    number: int = 0,
    checkpoint: Checkpoint | None = None,
    on_checkpoint: Callable[[Checkpoint], None] | None = None,
    on_epoch: Callable[[int, Weights], None] | None = None,
    on_prepared: Callable[[Prepared], None] | None = None,
) -> Generator[Report, None, Trained]:
    """Train a project; the generator returns the result (`result = yield from train(…)`).

    With a checkpoint it goes on from there, bit for bit as if it had never stopped. `on_checkpoint` is handed
    one now and then, `on_epoch` the weights after those epochs for which the recipe wants a file,
    `on_prepared` the data before the first step. Raises `Trouble` where it cannot begin; what goes wrong
    later is `Failed`.
    """
    control = control or Control()
    recipe = project.recipe
    device = machine.choose_device(recipe.device)
    analysis = check(project)
    # before anything is read; a GPU says itself that its memory is full, and in time
    footprint.require(analysis, on_processor=device.type == "cpu")
    prepared = prepared or prepare(project.data)
    if on_prepared is not None:
        on_prepared(prepared)
    threads = machine.choose_threads(recipe.threads, analysis.macs, recipe.batch(len(prepared.train)))
    own = OwnRandom(recipe.seed, device)
    tf32 = recipe.precision == TF32
    with machine.computing(device, threads, exact=recipe.exact, tf32=tf32):
        with own:
            state = _first_state(project, prepared, analysis, device)
            if checkpoint is not None:
                _go_back(state, checkpoint)
            step = EagerStep(state)
            recorder = Recorder(state, step, control, checkpoint.sums if checkpoint is not None else ())
        yield Started(
            number=number,
            steps_per_epoch=len(state.sizes),
            steps=len(state.sizes) * recipe.epochs,
            epochs=recipe.epochs,
            device=machine.device_name(device),
            threads=threads,
            engine="eager",
            versions=versions(),
            metrics=recorder.names,
            warnings=tuple(
                f"{one.message}. {one.why}"
                for one in analysis.problems
                if one.level == "warning" and not one.node  # of the training itself, not of a layer
            ),
            exact=recipe.exact or device.type == "cpu",
        )
        rollback = Rollback(state, recorder, on_checkpoint)
        reports = _train(state, step, control, recorder, rollback, on_epoch)
        try:
            while True:
                with own:  # between two reports the random numbers are everybody's
                    try:
                        report = next(reports)
                    except StopIteration as end:
                        trained: Trained = end.value
                        return trained
                yield report
        finally:
            state.close()


def _train(
    state: TrainingState,
    step: TrainingStep,
    control: Control,
    recorder: Recorder,
    rollback: Rollback,
    on_epoch: Callable[[int, Weights], None] | None,
) -> Generator[Report, None, Trained]:
    """All epochs, and then what is kept of them, however they end. What is learnt is kept before it is
    judged: what goes wrong in judging takes nothing away.
    """
    reason, failed = "failed", None
    try:
        reason = yield from _epochs(state, step, control, recorder, rollback, on_epoch)
    except Diverged as diverged:
        best = state.best
        finding = find(state, rollback.checkpoint, diverged)
        state.best = best  # found after the checkpoint, perhaps, and finite
        failed = Failed(finding.message, finding.node, finding.step)
    except Exception as error:  # whatever a layer or the machine raises ends the run in words
        cause = error.__cause__ if isinstance(error, _Unjudged) else error
        assert isinstance(cause, Exception)
        failed = Failed(
            _words(state, cause, judging=error is not cause),
            node_of(state.built, cause),
            state.step + (error is cause),
            trace=traceback.format_exc(),
        )
        if error is cause:  # in the middle of a step, which may have changed some weights and not others
            best = state.best
            rollback.restore()
            state.best = best
    # before the best weights take the place of the last ones: from these one goes on
    checkpoint = _last_moment(rollback) if failed is None else None
    epochs = state.progress
    kept_epoch = _keep_weights(state, reason)
    metrics, unmeasured = _metrics(state)
    yield failed or Finished(reason, kept_epoch, state.step, metrics, recorder.seconds())
    return Trained(state.built, reason, kept_epoch, state.step, metrics, checkpoint, epochs, unmeasured)


def _epochs(
    state: TrainingState,
    step: TrainingStep,
    control: Control,
    recorder: Recorder,
    rollback: Rollback,
    on_epoch: Callable[[int, Weights], None] | None,
) -> Generator[Report, None, str]:
    """All epochs; returns why they ended."""
    validation = state.samples_of(state.prepared.validation)
    state.module.train()
    rollback.save()  # before the first step: there must be something to go back to
    while state.epoch < (recipe := state.project.recipe).epochs:
        if recipe.patience is not None and state.epochs_without_improvement >= recipe.patience:
            return "early"
        for batch in state.batches():
            if control.asked:  # a plain attribute: asking costs a step nothing
                yield from recorder.report()
                if not control.obey():
                    yield from _evaluated_within(state, recorder, validation)
                    return "stopped"
                yield from _changed(state, control, rollback)
                recorder.restart()  # the pause shall not count as slow steps
            due = recorder.due()  # asked before the step, which then also measures its gradient
            step([batch], [state.rate()], measure_norm=due)
            state.count_step()
            if due:
                yield from recorder.report()
                rollback.save_if_cheap()
                if _time_is_over(state, recorder):
                    yield from _evaluated_within(state, recorder, validation)
                    return "time"
        yield from recorder.report()
        state.next_epoch()
        seen, recipe = state.seen[:1], state.project.recipe
        yield _evaluated(state, recorder, validation)
        if state.seen[:1] == seen:
            rollback.save_epoch()
        else:  # steps that are made again from a checkpoint go by one rate
            rollback.save()
        if on_epoch is not None and recipe.keep_every is not None and state.epoch % recipe.keep_every == 0:
            with state.judged():
                on_epoch(state.epoch, state.weights())
        if reached(recipe, state.watched):
            return "goal"
        if _time_is_over(state, recorder):
            return "time"
    return "done"


def _changed(state: TrainingState, control: Control, rollback: Rollback) -> Iterator[Changed]:
    """Go on by another recipe where a person wants that. Its first moment is kept: steps that are made again
    go by one recipe.
    """
    wanted = control.wanted()
    made = state.adopt(wanted) if wanted is not None else ()
    if made:
        settings = {one.setting: (one.before, one.after) for one in made}
        yield Changed(state.step, state.progress, settings)
        rollback.save()


def _time_is_over(state: TrainingState, recorder: Recorder) -> bool:
    minutes = state.project.recipe.minutes
    return minutes is not None and recorder.seconds() >= 60 * minutes


def _evaluated_within(
    state: TrainingState, recorder: Recorder, validation: TensorSamples
) -> Iterator[Evaluated]:
    """Judge the weights of the middle of an epoch, which may be the best ones."""
    if state.position:
        sums = recorder.sums
        yield _evaluated(state, recorder, validation)
        recorder.sums = sums  # who goes on ends the epoch with the means of all of it


def _evaluated(state: TrainingState, recorder: Recorder, validation: TensorSamples) -> Evaluated:
    """Judge by validation data and remember the weights where they are the best so far."""
    recipe = state.project.recipe
    with state.judged():
        try:
            measures = evaluate(state, validation)
            if recipe.watch not in measures:  # one that takes longer, and only where it is asked for
                measures |= watched_measure(state, recipe.watch)
        except Exception as error:
            raise _Unjudged from error
        loss = measures["loss"]
        if not math.isfinite(loss):
            raise Diverged(state.step, evaluating=True)
        state.watched = measures.get(recipe.watch)
        best = better(recipe, state.watched, state.best.value if state.best is not None else None)
        if best:
            assert state.watched is not None
            state.best = BestWeights(state.weights(), state.progress, state.step, state.watched)
    if best:
        state.epochs_without_improvement = 0
    elif not state.position:  # in the midst of one no epoch is over
        state.epochs_without_improvement += 1
    if not state.position:
        state.seen = recipe.schedule.seen(state.seen, loss)
    train = recorder.epoch_means()
    return Evaluated(state.progress, state.step, train, measures, best, recorder.seconds())


def _last_moment(rollback: Rollback) -> Checkpoint | None:
    """The moment at which training ended, if there is memory for a copy of it."""
    try:
        rollback.save()
    except Exception:  # one cannot go on from here, but what was learnt is kept
        return None
    return rollback.checkpoint


def _keep_weights(state: TrainingState, reason: str) -> float:
    """Put the weights that the recipe wants to end with into the module; of which epoch they are."""
    recipe = state.project.recipe
    if state.best is None or not (recipe.keep_best or reason == "early"):
        if state.average is not None:
            state.average.put(state.samples, state.evaluation_batch)
        return state.progress
    state.module.load_state_dict(state.best.weights)
    return state.best.epoch


def _metrics(state: TrainingState) -> tuple[dict[str, dict[str, float]], dict[str, str]]:
    """Every metric on every part of the data, and why one could not be computed, by its name. The module is
    left in evaluation mode.
    """
    prepared = state.prepared
    parts = {"train": prepared.train, "validation": prepared.validation, "test": prepared.test}
    metrics: dict[str, dict[str, float]] = {}
    failures = {meter.name: meter.failure for meter in state.meters if meter.failure is not None}
    for part, dataset in parts.items():
        try:
            judged = final_metrics(state, dataset)
        except Exception as error:  # the memory is full, say: the other parts may be smaller
            metrics[part], failures[part] = {}, error
        else:
            metrics[part] = judged.values
            failures.update(judged.failures)
    keep_again(state.module)
    state.module.eval()
    return metrics, {name: _first_line(error) for name, error in failures.items()}


def _first_state(project: Project, prepared: Prepared, analysis: Analysis, device: Device) -> TrainingState:
    """A network with the weights that its seed gives. Raises `Trouble` where it cannot work on the data."""
    built = None
    try:
        built = build(project, project.recipe.seed, analysis)
        return TrainingState(project, prepared, built, device, analysis.activation_bytes)
    except Trouble:
        raise
    except Exception as error:  # a layer may raise anything for samples that it cannot work on
        if memory.exhausted(error):
            raise Trouble(memory.full(machine.device_name(device), _batch(project, prepared))) from None
        id = node_of(built, error) if built is not None else None
        raise Trouble(
            "{name} cannot work on the first samples: PyTorch says: {text}",
            name=project.graph.nodes[id].name if id else Message("The network"),
            text=_first_line(error),
        ) from error


def _go_back(state: TrainingState, checkpoint: Checkpoint) -> None:
    """Restore a checkpoint that was read from a file. Raises `Trouble` where it is not of this network."""
    try:
        state.restore(checkpoint)
    except Exception as error:  # weights, optimiser and random streams are each refused in their own way
        raise Trouble(
            "The checkpoint does not belong to this network ({reason}). Start the training anew.",
            reason=_first_line(error),
        ) from error


def _words(state: TrainingState, error: Exception, judging: bool) -> Message:
    """What went wrong in a step, or in judging by the validation data, for a person."""
    if isinstance(error, Trouble):
        return error.message
    if memory.exhausted(error):
        return memory.full(machine.device_name(state.device), _batch(state.project, state.prepared))
    text = _first_line(error)
    if judging:
        return Message(
            "The network cannot be judged on the validation data after step {step}; what was learnt is kept. "
            "PyTorch says: {text}",
            step=state.step,
            text=text,
        )
    return Message("Training stopped at step {step}: PyTorch says: {text}", step=state.step + 1, text=text)


def _batch(project: Project, prepared: Prepared) -> int:
    return project.recipe.batch(len(prepared.train))


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n")[0][:300] or type(error).__name__
