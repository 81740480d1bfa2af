"""The heading head of the Final network: which way a person faces, fed back to all streams."""

from __future__ import annotations

from torch import Tensor, nn

ATTENTION_MAPS = 4
"""Number of attention maps over the crop."""

HIDDEN = 32


class Heading(nn.Module):
    """Attention pooling, a hidden layer, the heading, and a shift of the shared features.

    Shape:
        input (N, filters, H, W); output (N, 2) cosine and sine of the heading, and (N, filters),
        what is added to each of the shared features. Untrained, it pools the mean and adds nothing.
    """

    def __init__(self, filters: int) -> None:
        super().__init__()
        self.attention = nn.Conv2d(filters, ATTENTION_MAPS, 1)
        self.hidden = nn.Linear(ATTENTION_MAPS * filters, HIDDEN)
        self.heading = nn.Linear(HIDDEN, 2)
        self.shift = nn.Linear(HIDDEN, filters)
        for layer in (self.attention, self.shift):
            nn.init.zeros_(layer.weight)
            assert layer.bias is not None
            nn.init.zeros_(layer.bias)

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """The heading, and the shift of each shared feature."""
        attention = self.attention(features).flatten(2).softmax(2)
        pooled = attention @ features.flatten(2).transpose(1, 2)
        hidden = self.hidden(pooled.flatten(1)).relu()
        return self.heading(hidden), self.shift(hidden)
