from torch import nn


class Look(nn.Module):
    """Look. 24 to 44 parameters."""

    def __init__(self, in_channels: int, kernel: int = 3):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, 4, kernel, padding="same", bias=False)
        nn.init.kaiming_normal_(self.conv1.weight, mode="fan_out", nonlinearity="relu")
        self.norm1 = nn.BatchNorm2d(4)
        self.relu1 = nn.ReLU()

    def forward(self, x):
        x = self.conv1(x)
        x = self.norm1(x)
        return self.relu1(x)


class Residual(nn.Module):
    """Residual. 48 parameters."""

    def __init__(self):
        super().__init__()
        self.two_looks = nn.Sequential(*[Look(4, kernel=1) for _ in range(2)])
        self.dropout1 = nn.Dropout(0.0)

    def forward(self, x0):
        x = self.two_looks(x0)
        x = self.dropout1(x)
        return x0 + x


class TwoWays(nn.Module):
    """Two ways. 108 parameters."""

    def __init__(self):
        super().__init__()
        self.linear1 = nn.Linear(8, 6)
        self.linear2 = nn.Linear(8, 6)
        self.linear2.requires_grad_(False)

    def forward(self, a, b):
        linear1 = self.linear1(a)  # N×6
        x = self.linear2(b)  # N×6
        return linear1 + x


class BlockeOfAll(nn.Module):
    """Blöcke 🙂 of all. 628 parameters."""

    def __init__(self):
        super().__init__()
        self.pool1 = nn.MaxPool2d(2)
        self.first_look = Look(1)
        self.rows_of_them = nn.Sequential(*[Residual() for _ in range(3)])
        self.pool2 = nn.AdaptiveAvgPool2d(2)
        self.first = nn.Linear(16, 8)
        nn.init.orthogonal_(self.first.weight, gain=0.7)
        self.tanh1 = nn.Tanh()
        self.normed = nn.Linear(16, 8)
        nn.utils.parametrizations.spectral_norm(self.normed)
        self.joined = TwoWays()
        self.head = nn.Linear(6, 10, bias=False)
        nn.init.trunc_normal_(self.head.weight, std=0.3, a=-0.6, b=0.6)
        self.head.requires_grad_(False)

    def forward(self, x):
        x = self.pool1(x)  # N×1×4×4
        x = self.first_look(x)  # N×4×4×4
        x = self.rows_of_them(x)
        x = x
        x = self.pool2(x)  # N×4×2×2
        flatten1 = x.flatten(1)  # N×16
        first = self.first(flatten1)  # N×8
        x = self.tanh1(flatten1)
        x = self.first(x)  # N×8
        x = first + x
        normed = self.normed(flatten1)  # N×8
        x = self.joined(x, normed)  # N×6
        return self.head(x)  # N×10

    def penalty(self):
        return (
            0.001 * self.first.weight.abs().sum()
            + 0.01 * self.first.weight.square().sum()
        )
