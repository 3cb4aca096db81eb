"""The classified directory: which enterprises stand in which class, and which have merged."""
