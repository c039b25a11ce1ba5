import torch
from torch import nn


class PoemsCNN(nn.Module):
    """Poems CNN. 98,274 parameters."""

    def __init__(self):
        super().__init__()
        self.embedding1 = nn.Embedding(3002, 32)
        self.dropout1 = nn.Dropout(0.3)
        self.conv1 = nn.Conv1d(32, 32, 2)
        self.relu1 = nn.ReLU()
        self.dropout2 = nn.Dropout(0.5)
        self.linear1 = nn.Linear(64, 2)

    def forward(self, x):
        x = self.embedding1(x)  # N×64×32
        dropout1 = self.dropout1(x)
        x = dropout1.transpose(1, 2)  # N×32×64
        x = self.conv1(x)  # N×32×63
        x = self.relu1(x)
        x = x.mean(2)  # N×32
        mean1 = dropout1.mean(1)  # N×32
        x = torch.cat([x, mean1], 1)  # N×64
        x = self.dropout2(x)
        return self.linear1(x)  # N×2
