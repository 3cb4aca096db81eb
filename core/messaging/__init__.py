"""What a message is."""
