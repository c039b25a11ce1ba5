import torch
from torch import nn


class EncoderBlock(nn.Module):
    """Encoder block. 28,272 parameters."""

    def __init__(self):
        super().__init__()
        self.norm1 = nn.LayerNorm(48)
        self.attention1 = nn.MultiheadAttention(48, 4, dropout=0.05, batch_first=True)
        self.dropout1 = nn.Dropout(0.05)
        self.norm2 = nn.LayerNorm(48)
        self.linear1 = nn.Linear(48, 192)
        self.gelu1 = nn.GELU()
        self.linear2 = nn.Linear(192, 48)
        self.dropout2 = nn.Dropout(0.05)

    def forward(self, x0):
        x = self.norm1(x0)
        x, _ = self.attention1(x, x, x, need_weights=False)
        x = self.dropout1(x)
        add1 = x0 + x
        x = self.norm2(add1)
        x = self.linear1(x)  # N×17×192
        x = self.gelu1(x)
        x = self.linear2(x)  # N×17×48
        x = self.dropout2(x)
        return add1 + x


class DigitsVisionTransformer(nn.Module):
    """Digits vision Transformer. 58,234 parameters."""

    def __init__(self):
        super().__init__()
        self.class_token = nn.init.normal_(nn.Parameter(torch.empty(1, 1, 48)), std=0.02)
        self.conv1 = nn.Conv2d(1, 48, 2, stride=2)
        self.positions1 = nn.init.normal_(nn.Parameter(torch.empty(1, 17, 48)), std=0.02)
        self.encoder_block1 = nn.Sequential(*[EncoderBlock() for _ in range(2)])
        self.norm1 = nn.LayerNorm(48)
        self.linear1 = nn.Linear(48, 10)

    def forward(self, input1):
        class_token = self.class_token.expand(input1.shape[0], -1, -1)  # N×1×48
        x = self.conv1(input1)  # N×48×4×4
        x = x.flatten(2)  # N×48×16
        x = x.transpose(1, 2)  # N×16×48
        x = torch.cat([class_token, x], 1)  # N×17×48
        x = x + self.positions1
        x = self.encoder_block1(x)
        x = self.norm1(x)
        x = x[:, 0]  # N×48
        return self.linear1(x)  # N×10
