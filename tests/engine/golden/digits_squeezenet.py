import torch
from torch import nn


class Fire(nn.Module):
    """Fire. 5,712 to 13,944 parameters."""

    def __init__(self, in_channels: int, few: int = 16, many: int = 32):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, few, 1)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(few, many, 1)
        self.relu2 = nn.ReLU()
        self.conv3 = nn.Conv2d(few, many, 3, padding=1)
        self.relu3 = nn.ReLU()

    def forward(self, x):
        x = self.conv1(x)
        relu1 = self.relu1(x)
        x = self.conv2(relu1)
        relu2 = self.relu2(x)
        x = self.conv3(relu1)
        x = self.relu3(x)
        return torch.cat([relu2, x], 1)


class DigitsSqueezeNet(nn.Module):
    """Digits SqueezeNet. 40,346 parameters."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 32, 3, padding=1)
        self.relu1 = nn.ReLU()
        self.fire1 = nn.Sequential(Fire(32), Fire(64))
        self.pool1 = nn.MaxPool2d(2)
        self.fire2 = nn.Sequential(Fire(64, few=24, many=48), Fire(96, few=24, many=48))
        self.conv2 = nn.Conv2d(96, 10, 1)

    def forward(self, x):
        x = self.conv1(x)  # N×32×8×8
        x = self.relu1(x)
        x = self.fire1(x)  # N×64×8×8
        x = self.pool1(x)  # N×64×4×4
        x = self.fire2(x)  # N×96×4×4
        x = self.conv2(x)  # N×10×4×4
        return x.mean((2, 3))  # N×10
