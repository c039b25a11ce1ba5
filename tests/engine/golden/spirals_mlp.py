from torch import nn


class SpiralsMLP(nn.Module):
    """Spirals MLP. 4,482 parameters."""

    def __init__(self):
        super().__init__()
        self.linear1 = nn.Linear(2, 64)
        self.tanh1 = nn.Tanh()
        self.linear2 = nn.Linear(64, 64)
        self.tanh2 = nn.Tanh()
        self.linear3 = nn.Linear(64, 2)

    def forward(self, x):
        x = self.linear1(x)  # N×64
        x = self.tanh1(x)
        x = self.linear2(x)
        x = self.tanh2(x)
        return self.linear3(x)  # N×2
