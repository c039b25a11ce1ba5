from torch import nn


class DigitsGRU(nn.Module):
    """Digits GRU. 14,858 parameters."""

    def __init__(self):
        super().__init__()
        self.gru1 = nn.GRU(8, 64, batch_first=True)
        self.linear1 = nn.Linear(64, 10)

    def forward(self, x):
        x = x.reshape(-1, 8, 8)  # N×8×8
        _, state = self.gru1(x)
        x = state[-1]  # N×64
        return self.linear1(x)  # N×10
