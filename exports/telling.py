"""How far a file is: told by whoever writes it to whoever waits for it."""

from collections.abc import Callable

#: (share done, what is being done in words)
Tell = Callable[[float, str], None]
