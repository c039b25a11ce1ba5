from torch import nn


class InvertedResidual(nn.Module):
    """Inverted residual. 2,912 to 9,920 parameters."""

    def __init__(self, inside: int = 64, filters: int = 16):
        super().__init__()
        self.conv1 = nn.Conv2d(filters, inside, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(inside)
        self.relu61 = nn.ReLU6()
        self.conv2 = nn.Conv2d(inside, inside, 3, padding=1, groups=inside, bias=False)
        self.norm2 = nn.BatchNorm2d(inside)
        self.relu62 = nn.ReLU6()
        self.conv3 = nn.Conv2d(inside, filters, 1, bias=False)
        self.norm3 = nn.BatchNorm2d(filters)

    def forward(self, x0):
        x = self.conv1(x0)
        x = self.norm1(x)
        x = self.relu61(x)
        x = self.conv2(x)
        x = self.norm2(x)
        x = self.relu62(x)
        x = self.conv3(x)
        x = self.norm3(x)
        return x + x0


class InvertedResidualChangingSize(nn.Module):
    """Inverted residual, changing size. 3,968 parameters."""

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


class DigitsMobileNet(nn.Module):
    """Digits MobileNet. 34,042 parameters."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(16)
        self.relu61 = nn.ReLU6()
        self.inverted_residual1 = nn.Sequential(*[InvertedResidual() for _ in range(2)])
        self.inverted_residual_changing_size1 = InvertedResidualChangingSize()
        self.inverted_residual2 = nn.Sequential(*[InvertedResidual(inside=128, filters=32) for _ in range(2)])
        self.conv2 = nn.Conv2d(32, 96, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(96)
        self.relu62 = nn.ReLU6()
        self.dropout1 = nn.Dropout(0.2)
        self.linear1 = nn.Linear(96, 10)

    def forward(self, x):
        x = self.conv1(x)  # N×16×8×8
        x = self.norm1(x)
        x = self.relu61(x)
        x = self.inverted_residual1(x)
        x = self.inverted_residual_changing_size1(x)  # N×32×4×4
        x = self.inverted_residual2(x)
        x = self.conv2(x)  # N×96×4×4
        x = self.norm2(x)
        x = self.relu62(x)
        x = x.mean((2, 3))  # N×96
        x = self.dropout1(x)
        return self.linear1(x)  # N×10
