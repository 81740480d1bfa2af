"""Networks side by side, ours and others', with the goals between them."""
