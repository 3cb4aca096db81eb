"""What all pages share: menu, words, answers to clicks, scripts, charts, lists."""
