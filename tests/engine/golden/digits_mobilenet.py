from torch import nn


class InvertedResidual16To16(nn.Module):
    """Inverted residual 16 to 16. 2,912 parameters."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(16, 64, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(64)
        self.relu61 = nn.ReLU6()
        self.conv2 = nn.Conv2d(64, 64, 3, padding=1, groups=64, bias=False)
        self.norm2 = nn.BatchNorm2d(64)
        self.relu62 = nn.ReLU6()
        self.conv3 = nn.Conv2d(64, 16, 1, bias=False)
        self.norm3 = nn.BatchNorm2d(16)

    def forward(self, x0):
        x = self.conv1(x0)  # N×64×8×8
        x = self.norm1(x)
        x = self.relu61(x)
        x = self.conv2(x)
        x = self.norm2(x)
        x = self.relu62(x)
        x = self.conv3(x)  # N×16×8×8
        x = self.norm3(x)
        return x + x0


class InvertedResidual16To32(nn.Module):
    """Inverted residual 16 to 32. 3,968 parameters."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(16, 64, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(64)
        self.relu61 = nn.ReLU6()
        self.conv2 = nn.Conv2d(64, 64, 3, stride=2, padding=1, groups=64, bias=False)
        self.norm2 = nn.BatchNorm2d(64)
        self.relu62 = nn.ReLU6()
        self.conv3 = nn.Conv2d(64, 32, 1, bias=False)
        self.norm3 = nn.BatchNorm2d(32)

    def forward(self, x):
        x = self.conv1(x)  # N×64×8×8
        x = self.norm1(x)
        x = self.relu61(x)
        x = self.conv2(x)  # N×64×4×4
        x = self.norm2(x)
        x = self.relu62(x)
        x = self.conv3(x)  # N×32×4×4
        return self.norm3(x)


class InvertedResidual32To32(nn.Module):
    """Inverted residual 32 to 32. 9,920 parameters."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(32, 128, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(128)
        self.relu61 = nn.ReLU6()
        self.conv2 = nn.Conv2d(128, 128, 3, padding=1, groups=128, bias=False)
        self.norm2 = nn.BatchNorm2d(128)
        self.relu62 = nn.ReLU6()
        self.conv3 = nn.Conv2d(128, 32, 1, bias=False)
        self.norm3 = nn.BatchNorm2d(32)

    def forward(self, x0):
        x = self.conv1(x0)  # N×128×4×4
        x = self.norm1(x)
        x = self.relu61(x)
        x = self.conv2(x)
        x = self.norm2(x)
        x = self.relu62(x)
        x = self.conv3(x)  # N×32×4×4
        x = self.norm3(x)
        return x + x0


class DigitsMobileNet(nn.Module):
    """Digits MobileNet. 34,042 parameters."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(16)
        self.relu61 = nn.ReLU6()
        self.inverted_residual_16_to_161 = nn.Sequential(*[InvertedResidual16To16() for _ in range(2)])
        self.inverted_residual_16_to_321 = InvertedResidual16To32()
        self.inverted_residual_32_to_321 = nn.Sequential(*[InvertedResidual32To32() for _ in range(2)])
        self.conv2 = nn.Conv2d(32, 96, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(96)
        self.relu62 = nn.ReLU6()
        self.dropout1 = nn.Dropout(0.2)
        self.linear1 = nn.Linear(96, 10)

    def forward(self, x):
        x = self.conv1(x)  # N×16×8×8
        x = self.norm1(x)
        x = self.relu61(x)
        x = self.inverted_residual_16_to_161(x)
        x = self.inverted_residual_16_to_321(x)  # N×32×4×4
        x = self.inverted_residual_32_to_321(x)
        x = self.conv2(x)  # N×96×4×4
        x = self.norm2(x)
        x = self.relu62(x)
        x = x.mean((2, 3))  # N×96
        x = self.dropout1(x)
        return self.linear1(x)  # N×10
