from torch import nn


class ResidualBlock64(nn.Module):
    """Residual block 64. 73,984 parameters."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(64, 64, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(64)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(64, 64, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(64)
        self.relu2 = nn.ReLU()

    def forward(self, x0):
        x = self.conv1(x0)
        x = self.norm1(x)
        x = self.relu1(x)
        x = self.conv2(x)
        x = self.norm2(x)
        x = x + x0
        return self.relu2(x)


class ResidualBlock128Halving(nn.Module):
    """Residual block 128, halving. 230,144 parameters."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(64, 128, 3, stride=2, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(128)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(128, 128, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(128)
        self.conv3 = nn.Conv2d(64, 128, 1, stride=2, bias=False)
        self.norm3 = nn.BatchNorm2d(128)
        self.relu2 = nn.ReLU()

    def forward(self, x0):
        x = self.conv1(x0)  # N×128×28×28
        x = self.norm1(x)
        x = self.relu1(x)
        x = self.conv2(x)
        norm2 = self.norm2(x)
        x = self.conv3(x0)  # N×128×28×28
        x = self.norm3(x)
        x = norm2 + x
        return self.relu2(x)


class ResidualBlock128(nn.Module):
    """Residual block 128. 295,424 parameters."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(128, 128, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(128)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(128, 128, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(128)
        self.relu2 = nn.ReLU()

    def forward(self, x0):
        x = self.conv1(x0)
        x = self.norm1(x)
        x = self.relu1(x)
        x = self.conv2(x)
        x = self.norm2(x)
        x = x + x0
        return self.relu2(x)


class ResidualBlock256Halving(nn.Module):
    """Residual block 256, halving. 919,040 parameters."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(128, 256, 3, stride=2, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(256)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(256, 256, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(256)
        self.conv3 = nn.Conv2d(128, 256, 1, stride=2, bias=False)
        self.norm3 = nn.BatchNorm2d(256)
        self.relu2 = nn.ReLU()

    def forward(self, x0):
        x = self.conv1(x0)  # N×256×14×14
        x = self.norm1(x)
        x = self.relu1(x)
        x = self.conv2(x)
        norm2 = self.norm2(x)
        x = self.conv3(x0)  # N×256×14×14
        x = self.norm3(x)
        x = norm2 + x
        return self.relu2(x)


class ResidualBlock256(nn.Module):
    """Residual block 256. 1,180,672 parameters."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(256, 256, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(256)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(256, 256, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(256)
        self.relu2 = nn.ReLU()

    def forward(self, x0):
        x = self.conv1(x0)
        x = self.norm1(x)
        x = self.relu1(x)
        x = self.conv2(x)
        x = self.norm2(x)
        x = x + x0
        return self.relu2(x)


class ResidualBlock512Halving(nn.Module):
    """Residual block 512, halving. 3,673,088 parameters."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(256, 512, 3, stride=2, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(512)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(512, 512, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(512)
        self.conv3 = nn.Conv2d(256, 512, 1, stride=2, bias=False)
        self.norm3 = nn.BatchNorm2d(512)
        self.relu2 = nn.ReLU()

    def forward(self, x0):
        x = self.conv1(x0)  # N×512×7×7
        x = self.norm1(x)
        x = self.relu1(x)
        x = self.conv2(x)
        norm2 = self.norm2(x)
        x = self.conv3(x0)  # N×512×7×7
        x = self.norm3(x)
        x = norm2 + x
        return self.relu2(x)


class ResidualBlock512(nn.Module):
    """Residual block 512. 4,720,640 parameters."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(512, 512, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(512)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(512, 512, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(512)
        self.relu2 = nn.ReLU()

    def forward(self, x0):
        x = self.conv1(x0)
        x = self.norm1(x)
        x = self.relu1(x)
        x = self.conv2(x)
        x = self.norm2(x)
        x = x + x0
        return self.relu2(x)


class ResNet18(nn.Module):
    """ResNet-18. 11,689,512 parameters."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False)
        self.norm1 = nn.BatchNorm2d(64)
        self.relu1 = nn.ReLU()
        self.pool1 = nn.MaxPool2d(3, stride=2, padding=1)
        self.residual_block_641 = nn.Sequential(*[ResidualBlock64() for _ in range(2)])
        self.residual_block_128_halving1 = ResidualBlock128Halving()
        self.residual_block_1281 = ResidualBlock128()
        self.residual_block_256_halving1 = ResidualBlock256Halving()
        self.residual_block_2561 = ResidualBlock256()
        self.residual_block_512_halving1 = ResidualBlock512Halving()
        self.residual_block_5121 = ResidualBlock512()
        self.linear1 = nn.Linear(512, 1000)

    def forward(self, x):
        x = self.conv1(x)  # N×64×112×112
        x = self.norm1(x)
        x = self.relu1(x)
        x = self.pool1(x)  # N×64×56×56
        x = self.residual_block_641(x)
        x = self.residual_block_128_halving1(x)  # N×128×28×28
        x = self.residual_block_1281(x)
        x = self.residual_block_256_halving1(x)  # N×256×14×14
        x = self.residual_block_2561(x)
        x = self.residual_block_512_halving1(x)  # N×512×7×7
        x = self.residual_block_5121(x)
        x = x.mean((2, 3))  # N×512
        return self.linear1(x)  # N×1000
