from torch import nn


class FashionCNN(nn.Module):
    """Fashion CNN. 105,962 parameters."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 3, padding=1)
        self.norm1 = nn.BatchNorm2d(16)
        self.relu1 = nn.ReLU()
        self.pool1 = nn.MaxPool2d(2)
        self.conv2 = nn.Conv2d(16, 32, 3, padding=1)
        self.norm2 = nn.BatchNorm2d(32)
        self.relu2 = nn.ReLU()
        self.pool2 = nn.MaxPool2d(2)
        self.dropout1 = nn.Dropout(0.4)
        self.linear1 = nn.Linear(1568, 64)
        self.relu3 = nn.ReLU()
        self.dropout2 = nn.Dropout(0.3)
        self.linear2 = nn.Linear(64, 10)

    def forward(self, x):
        x = self.conv1(x)  # N×16×28×28
        x = self.norm1(x)
        x = self.relu1(x)
        x = self.pool1(x)  # N×16×14×14
        x = self.conv2(x)  # N×32×14×14
        x = self.norm2(x)
        x = self.relu2(x)
        x = self.pool2(x)  # N×32×7×7
        x = x.flatten(1)  # N×1568
        x = self.dropout1(x)
        x = self.linear1(x)  # N×64
        x = self.relu3(x)
        x = self.dropout2(x)
        return self.linear2(x)  # N×10
