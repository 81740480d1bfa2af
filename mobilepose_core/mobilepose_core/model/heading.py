"""The part of the Final network that knows which way a person faces, and tells all streams."""

from __future__ import annotations

from torch import Tensor, nn

PLACES = 4
"""How many places of the crop it looks at."""

HIDDEN = 32


class Heading(nn.Module):
    """Attention over the cells, the heading, and what the shared features are shifted by.

    Shape:
        input (N, filters, H, W); output (N, 2) cosine and sine of the heading, and (N, filters).
        Untrained it looks everywhere alike and shifts nothing.
    """

    def __init__(self, filters: int) -> None:
        super().__init__()
        self.attention = nn.Conv2d(filters, PLACES, 1)
        self.hidden = nn.Linear(PLACES * filters, HIDDEN)
        self.heading = nn.Linear(HIDDEN, 2)
        self.told = nn.Linear(HIDDEN, filters)
        for layer in (self.attention, self.told):
            nn.init.zeros_(layer.weight)
            assert layer.bias is not None
            nn.init.zeros_(layer.bias)

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """The heading, and the shift of each filter."""
        shares = self.attention(features).flatten(2).softmax(2)
        looked = shares @ features.flatten(2).transpose(1, 2)
        hidden = self.hidden(looked.flatten(1)).relu()
        return self.heading(hidden), self.told(hidden)
