from torch import nn


class WineMLP(nn.Module):
    """Wine MLP. 547 parameters."""

    def __init__(self):
        super().__init__()
        self.linear1 = nn.Linear(13, 32)
        self.relu1 = nn.ReLU()
        self.dropout1 = nn.Dropout(0.2)
        self.linear2 = nn.Linear(32, 3)

    def forward(self, x):
        x = self.linear1(x)  # N×32
        x = self.relu1(x)
        x = self.dropout1(x)
        return self.linear2(x)  # N×3
