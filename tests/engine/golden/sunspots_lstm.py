from torch import nn


class LSTMForecaster(nn.Module):
    """LSTM forecaster. 17,217 parameters."""

    def __init__(self):
        super().__init__()
        self.lstm1 = nn.LSTM(1, 64, batch_first=True)
        self.dropout1 = nn.Dropout(0.1)
        self.linear1 = nn.Linear(64, 1)

    def forward(self, x):
        _, (state, _) = self.lstm1(x)
        x = state[-1]  # N×64
        x = self.dropout1(x)
        return self.linear1(x)  # N×1
