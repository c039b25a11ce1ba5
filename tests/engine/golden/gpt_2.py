import torch
from torch import nn


class DecoderBlock(nn.Module):
    """Decoder block. 7,087,872 parameters."""

    def __init__(self):
        super().__init__()
        self.norm1 = nn.LayerNorm(768)
        self.attention1 = nn.MultiheadAttention(768, 12, dropout=0.1, batch_first=True)
        self.dropout1 = nn.Dropout(0.1)
        self.norm2 = nn.LayerNorm(768)
        self.linear1 = nn.Linear(768, 3072)
        self.gelu1 = nn.GELU(approximate="tanh")
        self.linear2 = nn.Linear(3072, 768)
        self.dropout2 = nn.Dropout(0.1)

    def forward(self, x0):
        x = self.norm1(x0)
        later = torch.ones(x.shape[1], x.shape[1], dtype=torch.bool, device=x.device).triu(1)
        x, _ = self.attention1(x, x, x, attn_mask=later, need_weights=False)
        x = self.dropout1(x)
        add1 = x0 + x
        x = self.norm2(add1)
        x = self.linear1(x)  # N×1024×3072
        x = self.gelu1(x)
        x = self.linear2(x)  # N×1024×768
        x = self.dropout2(x)
        return add1 + x


class GPT2Small(nn.Module):
    """GPT-2 small. 124,439,808 parameters."""

    def __init__(self):
        super().__init__()
        self.embedding1 = nn.Embedding(50257, 768)
        nn.init.normal_(self.embedding1.weight, std=0.02)
        self.positions1 = nn.init.normal_(nn.Parameter(torch.empty(1, 1024, 768)), std=0.02)
        self.dropout1 = nn.Dropout(0.1)
        self.decoder_block1 = nn.Sequential(*[DecoderBlock() for _ in range(12)])
        self.norm1 = nn.LayerNorm(768)
        self.head = nn.Linear(768, 50257, bias=False)
        self.head.weight = self.embedding1.weight

    def forward(self, x):
        x = self.embedding1(x)  # N×1024×768
        x = x + self.positions1
        x = self.dropout1(x)
        x = self.decoder_block1(x)
        x = self.norm1(x)
        x = self.head(x)  # N×1024×50257
        return x.transpose(1, 2)  # N×50257×1024
