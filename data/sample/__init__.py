"""The fictional sample: enterprises, their filings of three years, and the people of the demonstration."""
