import torch
from torch import nn


class TwoConvolutions16(nn.Module):
    """Two convolutions 16. 2,544 to 7,008 parameters."""

    def __init__(self, in_channels: int):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, 16, 3, padding=1)
        self.norm1 = nn.BatchNorm2d(16)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(16, 16, 3, padding=1)
        self.norm2 = nn.BatchNorm2d(16)
        self.relu2 = nn.ReLU()

    def forward(self, x):
        x = self.conv1(x)
        x = self.norm1(x)
        x = self.relu1(x)
        x = self.conv2(x)
        x = self.norm2(x)
        return self.relu2(x)


class TwoConvolutions32(nn.Module):
    """Two convolutions 32. 14,016 to 27,840 parameters."""

    def __init__(self, in_channels: int):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, 32, 3, padding=1)
        self.norm1 = nn.BatchNorm2d(32)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(32, 32, 3, padding=1)
        self.norm2 = nn.BatchNorm2d(32)
        self.relu2 = nn.ReLU()

    def forward(self, x):
        x = self.conv1(x)
        x = self.norm1(x)
        x = self.relu1(x)
        x = self.conv2(x)
        x = self.norm2(x)
        return self.relu2(x)


class TwoConvolutions64(nn.Module):
    """Two convolutions 64. 55,680 parameters."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(32, 64, 3, padding=1)
        self.norm1 = nn.BatchNorm2d(64)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(64, 64, 3, padding=1)
        self.norm2 = nn.BatchNorm2d(64)
        self.relu2 = nn.ReLU()

    def forward(self, x):
        x = self.conv1(x)  # N×64×2×2
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
        self.two_convolutions_161 = TwoConvolutions16(1)
        self.pool2 = nn.MaxPool2d(2)
        self.two_convolutions_321 = TwoConvolutions32(16)
        self.pool3 = nn.MaxPool2d(2)
        self.two_convolutions_641 = TwoConvolutions64()
        self.up2 = nn.ConvTranspose2d(64, 32, 2, stride=2)
        self.two_convolutions_322 = TwoConvolutions32(64)
        self.up3 = nn.ConvTranspose2d(32, 16, 2, stride=2)
        self.two_convolutions_162 = TwoConvolutions16(32)
        self.conv1 = nn.Conv2d(16, 1, 1)

    def forward(self, x):
        x = self.pool1(x)  # N×1×4×4
        x = self.up1(x)  # N×1×8×8
        two_convolutions_161 = self.two_convolutions_161(x)  # N×16×8×8
        x = self.pool2(two_convolutions_161)  # N×16×4×4
        two_convolutions_321 = self.two_convolutions_321(x)  # N×32×4×4
        x = self.pool3(two_convolutions_321)  # N×32×2×2
        x = self.two_convolutions_641(x)  # N×64×2×2
        x = self.up2(x)  # N×32×4×4
        x = torch.cat([two_convolutions_321, x], 1)  # N×64×4×4
        x = self.two_convolutions_322(x)  # N×32×4×4
        x = self.up3(x)  # N×16×8×8
        x = torch.cat([two_convolutions_161, x], 1)  # N×32×8×8
        x = self.two_convolutions_162(x)  # N×16×8×8
        return self.conv1(x)  # N×1×8×8
