from torch import nn


class Diabetes(nn.Module):
    """Diabetes. 54 parameters."""

    def __init__(self):
        super().__init__()
        self.linear1 = nn.Linear(10, 4)
        self.relu1 = nn.ReLU()
        self.linear2 = nn.Linear(4, 1)
        self.linear3 = nn.Linear(4, 1)

    def forward(self, x):
        x = self.linear1(x)  # N×4
        relu1 = self.relu1(x)
        linear2 = self.linear2(relu1)  # N×1
        linear3 = self.linear3(relu1)  # N×1
        return linear2, linear3
