"""What goes out of the product as a file, and comes in as one."""
