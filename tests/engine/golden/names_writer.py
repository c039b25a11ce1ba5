from torch import nn


class NamesWriter(nn.Module):
    """Names writer. 66,877 parameters."""

    def __init__(self):
        super().__init__()
        self.embedding1 = nn.Embedding(29, 32)
        self.gru1 = nn.GRU(32, 128, batch_first=True)
        self.dropout1 = nn.Dropout(0.2)
        self.linear1 = nn.Linear(128, 29)

    def forward(self, x):
        x = self.embedding1(x)  # N×12×32
        x, _ = self.gru1(x)  # N×12×128
        x = self.dropout1(x)
        x = self.linear1(x)  # N×12×29
        return x.transpose(1, 2)  # N×29×12
