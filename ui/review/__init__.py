"""Review as it is drawn: decision, batch, discussion, desk."""
