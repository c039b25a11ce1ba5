from torch import nn


class DigitsCNN(nn.Module):
    """Digits CNN. 30,890 parameters."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 32, 3, padding=1)
        self.norm1 = nn.BatchNorm2d(32)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(32, 32, 3, padding=1)
        self.norm2 = nn.BatchNorm2d(32)
        self.relu2 = nn.ReLU()
        self.pool1 = nn.MaxPool2d(2)
        self.conv3 = nn.Conv2d(32, 64, 3, padding=1)
        self.norm3 = nn.BatchNorm2d(64)
        self.relu3 = nn.ReLU()
        self.pool2 = nn.MaxPool2d(2)
        self.dropout1 = nn.Dropout(0.3)
        self.linear1 = nn.Linear(256, 10)

    def forward(self, x):
        x = self.conv1(x)  # N×32×8×8
        x = self.norm1(x)
        x = self.relu1(x)
        x = self.conv2(x)
        x = self.norm2(x)
        x = self.relu2(x)
        x = self.pool1(x)  # N×32×4×4
        x = self.conv3(x)  # N×64×4×4
        x = self.norm3(x)
        x = self.relu3(x)
        x = self.pool2(x)  # N×64×2×2
        x = x.flatten(1)  # N×256
        x = self.dropout1(x)
        return self.linear1(x)  # N×10
