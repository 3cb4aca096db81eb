"""Tests the density on both sides of lines, in a process of its own: JSON on stdin, JSON on stdout.

A process, because what the test needs takes seconds to load and brings drawing libraries that no server wants.
In: {"line": [distance, …]}, the line at 0. Out: {"line": p-value, or null where the test gives none}.
"""

import contextlib
import json
import math
import sys
import warnings


def main() -> None:
    with contextlib.redirect_stdout(sys.stderr):  # the library may say something
        answer = tested()
    sys.stdout.write(json.dumps(answer))


def tested() -> dict[str, float | None]:
    warnings.simplefilter("ignore")
    from rddensity import rddensity  # noqa: PLC0415

    answer: dict[str, float | None] = {}
    for line, distances in json.load(sys.stdin.buffer).items():
        try:
            p_value = float(rddensity(distances, c=0).test["p_jk"])
        except Exception:  # whatever the sample lacks, there is no test
            answer[line] = None
        else:
            answer[line] = p_value if math.isfinite(p_value) else None
    return answer


if __name__ == "__main__":
    main()
