from torch import nn


class ResidualBlock(nn.Module):
    """Residual block. 73,984 to 4,720,640 parameters."""

    def __init__(self, filters: int = 64):
        super().__init__()
        self.conv1 = nn.Conv2d(filters, filters, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(filters)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(filters, filters, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(filters)
        self.relu2 = nn.ReLU()

    def forward(self, x0):
        x = self.conv1(x0)
        x = self.norm1(x)
        x = self.relu1(x)
        x = self.conv2(x)
        x = self.norm2(x)
        x = x + x0
        return self.relu2(x)


class ResidualBlockHalving(nn.Module):
    """Residual block, halving. 230,144 to 3,673,088 parameters."""

    def __init__(self, in_channels: int, filters: int = 128):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, filters, 3, stride=2, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(filters)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(filters, filters, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(filters)
        self.conv3 = nn.Conv2d(in_channels, filters, 1, stride=2, bias=False)
        self.norm3 = nn.BatchNorm2d(filters)
        self.relu2 = nn.ReLU()

    def forward(self, x0):
        x = self.conv1(x0)
        x = self.norm1(x)
        x = self.relu1(x)
        x = self.conv2(x)
        norm2 = self.norm2(x)
        x = self.conv3(x0)
        x = self.norm3(x)
        x = norm2 + x
        return self.relu2(x)


class ResNet18(nn.Module):
    """ResNet-18. 11,689,512 parameters."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False)
        self.norm1 = nn.BatchNorm2d(64)
        self.relu1 = nn.ReLU()
        self.pool1 = nn.MaxPool2d(3, stride=2, padding=1)
        self.residual_block1 = nn.Sequential(*[ResidualBlock() for _ in range(2)])
        self.residual_block_halving1 = ResidualBlockHalving(64)
        self.residual_block2 = ResidualBlock(128)
        self.residual_block_halving2 = ResidualBlockHalving(128, filters=256)
        self.residual_block3 = ResidualBlock(256)
        self.residual_block_halving3 = ResidualBlockHalving(256, filters=512)
        self.residual_block4 = ResidualBlock(512)
        self.linear1 = nn.Linear(512, 1000)

    def forward(self, x):
        x = self.conv1(x)  # N×64×112×112
        x = self.norm1(x)
        x = self.relu1(x)
        x = self.pool1(x)  # N×64×56×56
        x = self.residual_block1(x)
        x = self.residual_block_halving1(x)  # N×128×28×28
        x = self.residual_block2(x)
        x = self.residual_block_halving2(x)  # N×256×14×14
        x = self.residual_block3(x)
        x = self.residual_block_halving3(x)  # N×512×7×7
        x = self.residual_block4(x)
        x = x.mean((2, 3))  # N×512
        return self.linear1(x)  # N×1000
