"""Makes one file in a process of its own: `python -m exports.worker FORMAT TARGET`, what it is made of on stdin.

A process, because writing a presentation holds the interpreter for seconds; everybody else's pages go on. It knows no
store and no person. On stdout a line of JSON for each step: {"share", "words"}, or {"sentence"} for what was refused.
"""

import json
import os
import pickle
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from core.base.errors import UserError
from core.report.compose import compose
from core.report.model import Report
from exports import brief, presentation, tables
from exports.telling import Tell

WRITERS: Final[dict[str, Callable[[Report, Tell], bytes]]] = {
    "pptx": presentation.write,
    "pdf": brief.write,
    "xlsx": tables.workbook,
    "csv": tables.archive,
    "png": brief.pictures,
}


def _say(**said: object) -> None:
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


def main() -> None:
    kind, target = sys.argv[1], Path(sys.argv[2])
    if hasattr(os, "nice"):
        os.nice(10)  # pages before files
    head, material = pickle.load(sys.stdin.buffer)  # noqa: S301  from the server that started this process
    try:
        _say(share=0.05, words="正在汇总")
        report = compose(head, material)
        content = WRITERS[kind](report, lambda share, words: _say(share=0.1 + 0.85 * share, words=words))
    except UserError as error:
        _say(sentence=str(error))
        return
    new = target.with_suffix(".new")
    new.write_bytes(content)
    new.replace(target)
    _say(share=1.0, words="已完成")


if __name__ == "__main__":
    main()
