"""站内信, notifications, the notice board, and what goes out by other channels."""
