from torch import nn


class FashionLeNet(nn.Module):
    """Fashion LeNet. 61,706 parameters."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5, padding=2)
        self.tanh1 = nn.Tanh()
        self.pool1 = nn.AvgPool2d(2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.tanh2 = nn.Tanh()
        self.pool2 = nn.AvgPool2d(2)
        self.linear1 = nn.Linear(400, 120)
        self.tanh3 = nn.Tanh()
        self.linear2 = nn.Linear(120, 84)
        self.tanh4 = nn.Tanh()
        self.linear3 = nn.Linear(84, 10)

    def forward(self, x):
        x = self.conv1(x)  # N×6×28×28
        x = self.tanh1(x)
        x = self.pool1(x)  # N×6×14×14
        x = self.conv2(x)  # N×16×10×10
        x = self.tanh2(x)
        x = self.pool2(x)  # N×16×5×5
        x = x.flatten(1)  # N×400
        x = self.linear1(x)  # N×120
        x = self.tanh3(x)
        x = self.linear2(x)  # N×84
        x = self.tanh4(x)
        return self.linear3(x)  # N×10
