import torch
from torch import nn


class TwoConvolutions(nn.Module):
    """Two convolutions. 2,544 to 55,680 parameters."""

    def __init__(self, in_channels: int, filters: int = 16):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, filters, 3, padding=1)
        self.norm1 = nn.BatchNorm2d(filters)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(filters, filters, 3, padding=1)
        self.norm2 = nn.BatchNorm2d(filters)
        self.relu2 = nn.ReLU()

    def forward(self, x):
        x = self.conv1(x)
        x = self.norm1(x)
        x = self.relu1(x)
        x = self.conv2(x)
        x = self.norm2(x)
        return self.relu2(x)


class DigitsUNet(nn.Module):
    """Digits U-Net. 117,393 parameters."""

    def __init__(self):
        super().__init__()
        self.pool1 = nn.AvgPool2d(2)
        self.up1 = nn.Upsample(scale_factor=2)
        self.two_convolutions1 = TwoConvolutions(1)
        self.pool2 = nn.MaxPool2d(2)
        self.two_convolutions2 = TwoConvolutions(16, filters=32)
        self.pool3 = nn.MaxPool2d(2)
        self.two_convolutions3 = TwoConvolutions(32, filters=64)
        self.up2 = nn.ConvTranspose2d(64, 32, 2, stride=2)
        self.two_convolutions4 = TwoConvolutions(64, filters=32)
        self.up3 = nn.ConvTranspose2d(32, 16, 2, stride=2)
        self.two_convolutions5 = TwoConvolutions(32)
        self.conv1 = nn.Conv2d(16, 1, 1)

    def forward(self, x):
        x = self.pool1(x)  # N×1×4×4
        x = self.up1(x)  # N×1×8×8
        two_convolutions1 = self.two_convolutions1(x)  # N×16×8×8
        x = self.pool2(two_convolutions1)  # N×16×4×4
        two_convolutions2 = self.two_convolutions2(x)  # N×32×4×4
        x = self.pool3(two_convolutions2)  # N×32×2×2
        x = self.two_convolutions3(x)  # N×64×2×2
        x = self.up2(x)  # N×32×4×4
        x = torch.cat([two_convolutions2, x], 1)  # N×64×4×4
        x = self.two_convolutions4(x)  # N×32×4×4
        x = self.up3(x)  # N×16×8×8
        x = torch.cat([two_convolutions1, x], 1)  # N×32×8×8
        x = self.two_convolutions5(x)  # N×16×8×8
        return self.conv1(x)  # N×1×8×8
