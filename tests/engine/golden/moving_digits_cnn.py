from torch import nn


class MovingDigits3DCNN(nn.Module):
    """Moving digits 3-D CNN. 14,664 parameters."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv3d(1, 16, 3, padding=1)
        self.norm1 = nn.BatchNorm3d(16)
        self.relu1 = nn.ReLU()
        self.pool1 = nn.MaxPool3d(2)
        self.conv2 = nn.Conv3d(16, 32, 3, padding=1)
        self.norm2 = nn.BatchNorm3d(32)
        self.relu2 = nn.ReLU()
        self.linear1 = nn.Linear(32, 8)

    def forward(self, x):
        x = x.transpose(1, 2)  # N×1×8×16×16
        x = self.conv1(x)  # N×16×8×16×16
        x = self.norm1(x)
        x = self.relu1(x)
        x = self.pool1(x)  # N×16×4×8×8
        x = self.conv2(x)  # N×32×4×8×8
        x = self.norm2(x)
        x = self.relu2(x)
        x = x.mean((2, 3, 4))  # N×32
        return self.linear1(x)  # N×8
