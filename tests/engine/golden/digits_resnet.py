from torch import nn


class DigitsResNet(nn.Module):
    """Digits ResNet. 77,258 parameters."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 32, 3, padding=1)
        self.norm1 = nn.BatchNorm2d(32)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(32, 32, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(32)
        self.relu2 = nn.ReLU()
        self.conv3 = nn.Conv2d(32, 32, 3, padding=1, bias=False)
        self.norm3 = nn.BatchNorm2d(32)
        self.relu3 = nn.ReLU()
        self.pool1 = nn.MaxPool2d(2)
        self.conv4 = nn.Conv2d(32, 64, 3, padding=1, bias=False)
        self.norm4 = nn.BatchNorm2d(64)
        self.relu4 = nn.ReLU()
        self.conv5 = nn.Conv2d(64, 64, 3, padding=1, bias=False)
        self.norm5 = nn.BatchNorm2d(64)
        self.shortcut = nn.Conv2d(32, 64, 1)
        self.relu5 = nn.ReLU()
        self.linear1 = nn.Linear(64, 10)

    def forward(self, x):
        x = self.conv1(x)  # N×32×8×8
        x = self.norm1(x)
        relu1 = self.relu1(x)
        x = self.conv2(relu1)
        x = self.norm2(x)
        x = self.relu2(x)
        x = self.conv3(x)
        x = self.norm3(x)
        x = x + relu1
        x = self.relu3(x)
        pool1 = self.pool1(x)  # N×32×4×4
        x = self.conv4(pool1)  # N×64×4×4
        x = self.norm4(x)
        x = self.relu4(x)
        x = self.conv5(x)
        x = self.norm5(x)
        shortcut = self.shortcut(pool1)  # N×64×4×4
        x = x + shortcut
        x = self.relu5(x)
        x = x.mean((2, 3))  # N×64
        return self.linear1(x)  # N×10
