"""Reports: which there are, what each is made of, and what may be disclosed."""
