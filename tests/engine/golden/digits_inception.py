import torch
from torch import nn


class Inception(nn.Module):
    """Inception. 6,128 to 16,928 parameters."""

    def __init__(
        self, in_channels: int, one: int = 16, before_three: int = 16, three: int = 32, pooled: int = 8
    ):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, one, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(one, eps=0.001)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(in_channels, before_three, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(before_three, eps=0.001)
        self.relu2 = nn.ReLU()
        self.conv3 = nn.Conv2d(before_three, three, 3, padding=1, bias=False)
        self.norm3 = nn.BatchNorm2d(three, eps=0.001)
        self.relu3 = nn.ReLU()
        self.conv4 = nn.Conv2d(in_channels, 8, 1, bias=False)
        self.norm4 = nn.BatchNorm2d(8, eps=0.001)
        self.relu4 = nn.ReLU()
        self.conv5 = nn.Conv2d(8, pooled, 3, padding=1, bias=False)
        self.norm5 = nn.BatchNorm2d(pooled, eps=0.001)
        self.relu5 = nn.ReLU()
        self.pool1 = nn.MaxPool2d(3, stride=1, padding=1, ceil_mode=True)
        self.conv6 = nn.Conv2d(in_channels, pooled, 1, bias=False)
        self.norm6 = nn.BatchNorm2d(pooled, eps=0.001)
        self.relu6 = nn.ReLU()

    def forward(self, x0):
        x = self.conv1(x0)
        x = self.norm1(x)
        relu1 = self.relu1(x)
        x = self.conv2(x0)
        x = self.norm2(x)
        x = self.relu2(x)
        x = self.conv3(x)
        x = self.norm3(x)
        relu3 = self.relu3(x)
        x = self.conv4(x0)
        x = self.norm4(x)
        x = self.relu4(x)
        x = self.conv5(x)
        x = self.norm5(x)
        relu5 = self.relu5(x)
        x = self.pool1(x0)
        x = self.conv6(x)
        x = self.norm6(x)
        x = self.relu6(x)
        return torch.cat([relu1, relu3, relu5, x], 1)


class DigitsInception(nn.Module):
    """Digits Inception. 24,362 parameters."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(16, eps=0.001)
        self.relu1 = nn.ReLU()
        self.inception1 = Inception(16)
        self.pool1 = nn.MaxPool2d(2)
        self.inception2 = Inception(64, one=32, before_three=24, three=48, pooled=16)
        self.dropout1 = nn.Dropout(0.2)
        self.linear1 = nn.Linear(112, 10)

    def forward(self, x):
        x = self.conv1(x)  # N×16×8×8
        x = self.norm1(x)
        x = self.relu1(x)
        x = self.inception1(x)  # N×64×8×8
        x = self.pool1(x)  # N×64×4×4
        x = self.inception2(x)  # N×112×4×4
        x = x.mean((2, 3))  # N×112
        x = self.dropout1(x)
        return self.linear1(x)  # N×10
