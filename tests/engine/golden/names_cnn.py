from torch import nn


class NamesCNN(nn.Module):
    """Names CNN. 7,874 parameters."""

    def __init__(self):
        super().__init__()
        self.embedding1 = nn.Embedding(28, 24)
        self.conv1 = nn.Conv1d(24, 96, 3, padding=1)
        self.relu1 = nn.ReLU()
        self.dropout1 = nn.Dropout(0.3)
        self.linear1 = nn.Linear(96, 2)

    def forward(self, x):
        x = self.embedding1(x)  # N×11×24
        x = x.transpose(1, 2)  # N×24×11
        x = self.conv1(x)  # N×96×11
        x = self.relu1(x)
        x = x.amax(2)  # N×96
        x = self.dropout1(x)
        return self.linear1(x)  # N×2
