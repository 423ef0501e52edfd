"""Command line: `python -m tscviz COMMAND`, also installed as `tscviz`."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Sequence

from tscviz.cli.parser import build_parser
from tscviz.tables import to_json
from tscviz.types import TscvizError

BAD_INPUT = 2
INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns
    -------
    int
        0 done; 2 bad input, with one line on stderr; 130 interrupted.
    """
    os.environ.setdefault("MPLBACKEND", "Agg")
    arguments = build_parser().parse_args(argv)
    warnings.showwarning = _one_line
    try:
        document, code = arguments.run(arguments)
    except TscvizError as error:
        print(f"tscviz: {_flat(str(error))}", file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt:
        print("tscviz: interrupted.", file=sys.stderr)
        return INTERRUPTED
    try:
        if arguments.json:
            print(to_json(document).decode())
        else:
            arguments.show(document)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader, e.g. `head`, has seen enough
        sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115
    return code


def _flat(text: str) -> str:
    return " ".join(text.split())


def _one_line(
    message: Warning | str,
    category: type[Warning],  # noqa: ARG001
    filename: str,  # noqa: ARG001
    lineno: int,  # noqa: ARG001
    file: object = None,  # noqa: ARG001
    line: str | None = None,  # noqa: ARG001
) -> None:
    print(f"tscviz: note: {_flat(str(message))}", file=sys.stderr)
