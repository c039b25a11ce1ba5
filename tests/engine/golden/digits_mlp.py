from torch import nn


class DigitsMLP(nn.Module):
    """Digits MLP. 4,810 parameters."""

    def __init__(self):
        super().__init__()
        self.linear1 = nn.Linear(64, 64)
        self.relu1 = nn.ReLU()
        self.linear2 = nn.Linear(64, 10)

    def forward(self, x):
        x = x.flatten(1)  # N×64
        x = self.linear1(x)
        x = self.relu1(x)
        return self.linear2(x)  # N×10
