import torch
from torch import nn


class EncoderBlock(nn.Module):
    """Encoder block. 49,984 parameters."""

    def __init__(self):
        super().__init__()
        self.norm1 = nn.LayerNorm(64)
        self.attention1 = nn.MultiheadAttention(64, 4, batch_first=True)
        self.dropout1 = nn.Dropout(0.0)
        self.norm2 = nn.LayerNorm(64)
        self.linear1 = nn.Linear(64, 256)
        self.gelu1 = nn.GELU()
        self.linear2 = nn.Linear(256, 64)
        self.dropout2 = nn.Dropout(0.0)

    def forward(self, x0):
        x = self.norm1(x0)
        x, _ = self.attention1(x, x, x, need_weights=False)
        x = self.dropout1(x)
        add1 = x0 + x
        x = self.norm2(add1)
        x = self.linear1(x)  # N×8×256
        x = self.gelu1(x)
        x = self.linear2(x)  # N×8×64
        x = self.dropout2(x)
        return add1 + x


class TransformerSmall(nn.Module):
    """Transformer, small. 101,898 parameters."""

    def __init__(self):
        super().__init__()
        self.embedding1 = nn.Embedding(10, 64)
        self.positions1 = nn.init.normal_(nn.Parameter(torch.empty(1, 8, 64)), std=0.02)
        self.encoder_block1 = nn.Sequential(*[EncoderBlock() for _ in range(2)])
        self.norm1 = nn.LayerNorm(64)
        self.linear1 = nn.Linear(64, 10)

    def forward(self, x):
        x = self.embedding1(x)  # N×8×64
        x = x + self.positions1
        x = self.encoder_block1(x)
        x = self.norm1(x)
        x = self.linear1(x)  # N×8×10
        return x.transpose(1, 2)  # N×10×8
