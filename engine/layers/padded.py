"""Recurrent modules for sequences of different length, as text that stands before a network's code.

A layer that reads forward alone needs none: what stands behind the end of a sequence comes too late to change
a step before it. Reading backwards begins at the end, which is elsewhere in every sequence, and a stack hands
out the states of its inner layers: these modules run layer after layer, turn each sequence round its own end,
and take its states from there. Unlike packed sequences, all of it can be traced and exported. Their weights
have PyTorch's names.

In the text `x` is N×steps×features, `steps` says how many of them count, N, and states are
layers·ways×N×features, as PyTorch's; what comes out is N×steps×features·ways and such states. `places` is
steps×1 and `last` N×1×1, so that compared they give `past` of N×steps×1, which masks along the steps.
"""

from __future__ import annotations

_TEXT = '''
class Padded{name}(nn.{name}):
    """{article} {name} for sequences that end after so many steps, whatever stands behind their ends."""

    def forward(self, x, steps, states=None):
        places = torch.arange(x.shape[1], device=x.device)[:, None]
        last = steps[:, None, None] - 1
        past = places > last
        turned = (last - places).clamp(min=0)
        ways = 2 if self.bidirectional else 1
        if states is None:
            size = (self.num_layers * ways, x.shape[0])
{start}
        for layer in range(self.num_layers):
            if layer > 0:
                x = nn.functional.dropout(x, self.dropout, self.training)
            read = []
            for way in range(ways):
                i = layer * ways + way
                given = self.steps_at(x, turned) if way == 1 else x
{call}
                ends.append(self.steps_at(out, last).squeeze(1))
                read.append(self.steps_at(out, turned) if way == 1 else out)
            x = torch.cat(read, 2)
        return x.masked_fill(past, 0), {states}

    def steps_at(self, x, places):
        """The steps of each sequence that stand at these places."""
        return x.gather(1, places.expand(-1, -1, x.shape[2]))
'''
_ONE_STATE = """
            states = x.new_zeros(*size, self.hidden_size)
        run = {function}
        ends = []
"""
_ONE_CALL = """
                first, weights = states[i : i + 1], self.all_weights[i]
                out, _ = run(given, first, weights, self.bias, 1, 0.0, self.training, False, True)
"""
_TWO_STATES = """
            h = x.new_zeros(*size, self.proj_size or self.hidden_size)
            states = h, x.new_zeros(*size, self.hidden_size)
        # one more input: behind the end it shuts the input gate and opens the forget gate, so the cell stays
        column = x.new_full((self.hidden_size, 1), 1e4)
        column = torch.cat([-column, column, 0 * column, 0 * column])
        ends, cells = [], []
"""
_TWO_CALLS = """
                given = torch.cat([given.masked_fill(past, 0), past.to(x.dtype)], 2)
                weight, *others = self.all_weights[i]
                weights = [torch.cat([weight, column], 1), *others]
                first = [state[i : i + 1] for state in states]
                out, _, cell = torch.lstm(
                    given, first, weights, self.bias, 1, 0.0, self.training, False, True
                )
                cells.append(cell[0])
"""


def _text(article: str, name: str, function: str = "") -> str:
    start, call = (_ONE_STATE, _ONE_CALL) if function else (_TWO_STATES, _TWO_CALLS)
    return _TEXT.format(
        article=article,
        name=name,
        start=start.strip("\n").format(function=function),
        call=call.strip("\n"),
        states="torch.stack(ends)" if function else "(torch.stack(ends), torch.stack(cells))",
    )


MODULES = {
    "PaddedLSTM": _text("An", "LSTM"),
    "PaddedGRU": _text("A", "GRU", "torch.gru"),
    "PaddedRNN": _text("An", "RNN", 'torch.rnn_tanh if self.nonlinearity == "tanh" else torch.rnn_relu'),
}
"""The text of each module, by its name."""
