import torch
from torch import nn


class Fire16(nn.Module):
    """Fire 16. 5,712 to 6,224 parameters."""

    def __init__(self, in_channels: int):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, 16, 1)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(16, 32, 1)
        self.relu2 = nn.ReLU()
        self.conv3 = nn.Conv2d(16, 32, 3, padding=1)
        self.relu3 = nn.ReLU()

    def forward(self, x):
        x = self.conv1(x)
        relu1 = self.relu1(x)
        x = self.conv2(relu1)
        relu2 = self.relu2(x)
        x = self.conv3(relu1)
        x = self.relu3(x)
        return torch.cat([relu2, x], 1)


class Fire24(nn.Module):
    """Fire 24. 13,176 to 13,944 parameters."""

    def __init__(self, in_channels: int):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, 24, 1)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(24, 48, 1)
        self.relu2 = nn.ReLU()
        self.conv3 = nn.Conv2d(24, 48, 3, padding=1)
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
        self.fire_161 = nn.Sequential(Fire16(32), Fire16(64))
        self.pool1 = nn.MaxPool2d(2)
        self.fire_241 = nn.Sequential(Fire24(64), Fire24(96))
        self.conv2 = nn.Conv2d(96, 10, 1)

    def forward(self, x):
        x = self.conv1(x)  # N×32×8×8
        x = self.relu1(x)
        x = self.fire_161(x)  # N×64×8×8
        x = self.pool1(x)  # N×64×4×4
        x = self.fire_241(x)  # N×96×4×4
        x = self.conv2(x)  # N×10×4×4
        return x.mean((2, 3))  # N×10
