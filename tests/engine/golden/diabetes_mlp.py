from torch import nn


class DiabetesMLP(nn.Module):
    """Diabetes MLP. 385 parameters."""

    def __init__(self):
        super().__init__()
        self.linear1 = nn.Linear(10, 32)
        self.relu1 = nn.ReLU()
        self.dropout1 = nn.Dropout(0.5)
        self.linear2 = nn.Linear(32, 1)

    def forward(self, x):
        x = self.linear1(x)  # N×32
        x = self.relu1(x)
        x = self.dropout1(x)
        return self.linear2(x)  # N×1
