from torch import nn


class BreastCancerMLP(nn.Module):
    """Breast cancer MLP. 530 parameters."""

    def __init__(self):
        super().__init__()
        self.linear1 = nn.Linear(30, 16)
        self.relu1 = nn.ReLU()
        self.dropout1 = nn.Dropout(0.3)
        self.linear2 = nn.Linear(16, 2)

    def forward(self, x):
        x = self.linear1(x)  # N×16
        x = self.relu1(x)
        x = self.dropout1(x)
        return self.linear2(x)  # N×2
