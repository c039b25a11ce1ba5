import torch
from torch import nn


class DenseLayer(nn.Module):
    """Dense layer. 6,480 to 8,880 parameters."""

    def __init__(self, in_channels: int):
        super().__init__()
        self.norm1 = nn.BatchNorm2d(in_channels)
        self.relu1 = nn.ReLU()
        self.conv1 = nn.Conv2d(in_channels, 48, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(48)
        self.relu2 = nn.ReLU()
        self.conv2 = nn.Conv2d(48, 12, 3, padding=1, bias=False)

    def forward(self, x0):
        x = self.norm1(x0)
        x = self.relu1(x)
        x = self.conv1(x)
        x = self.norm2(x)
        x = self.relu2(x)
        x = self.conv2(x)
        return torch.cat([x0, x], 1)


class DigitsDenseNet(nn.Module):
    """Digits DenseNet. 65,410 parameters."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 24, 3, padding=1, bias=False)
        self.dense_layer1 = nn.Sequential(*[DenseLayer(in_channels) for in_channels in range(24, 72, 12)])
        self.norm1 = nn.BatchNorm2d(72)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(72, 36, 1, bias=False)
        self.pool1 = nn.AvgPool2d(2)
        self.dense_layer2 = nn.Sequential(*[DenseLayer(in_channels) for in_channels in range(36, 84, 12)])
        self.norm2 = nn.BatchNorm2d(84)
        self.relu2 = nn.ReLU()
        self.linear1 = nn.Linear(84, 10)

    def forward(self, x):
        x = self.conv1(x)  # N×24×8×8
        x = self.dense_layer1(x)  # N×72×8×8
        x = self.norm1(x)
        x = self.relu1(x)
        x = self.conv2(x)  # N×36×8×8
        x = self.pool1(x)  # N×36×4×4
        x = self.dense_layer2(x)  # N×84×4×4
        x = self.norm2(x)
        x = self.relu2(x)
        x = x.mean((2, 3))  # N×84
        return self.linear1(x)  # N×10
