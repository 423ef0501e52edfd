"""Command line: `python -m tscviz COMMAND`, also installed as `tscviz`."""

from __future__ import annotations

import io
import os
import sys
import warnings
from collections.abc import Sequence
from contextlib import suppress

from tscviz.data.errors import DataError
from tscviz.tables import to_json
from tscviz.types import TscvizError

BAD_INPUT = 2
INTERRUPTED = 130
NO_READER = 141


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns
    -------
    int
        0 done; 2 bad input, with one line on stderr; 130 interrupted; 141 nobody reads stderr.
    """
    os.environ.setdefault("MPLBACKEND", "Agg")
    try:
        return _run(argv)
    except TscvizError as error:
        return _failed(error.worded() if isinstance(error, DataError) else str(error))
    except BrokenPipeError:  # `2>&1 | head` has seen enough
        _silence()
        return NO_READER
    except OSError as error:
        place = "a file" if error.filename is None else str(error.filename)
        reason = error.strerror or str(error)
        return _failed(f"{place} cannot be read or written: {reason}; mend that and try again.")
    except (MemoryError, RuntimeError) as error:
        from tscviz.training.fit import is_out_of_memory  # torch is loaded where it says so

        if not is_out_of_memory(error):
            raise
        return _failed("there is not enough memory; give fewer or shorter series.")
    except KeyboardInterrupt:
        print("tscviz: interrupted.", file=sys.stderr)
        return INTERRUPTED


def _run(argv: Sequence[str] | None) -> int:
    from tscviz.cli.parser import build_parser  # here, so that Ctrl-C may come while it loads

    arguments = build_parser().parse_args(argv)
    warnings.showwarning = _one_line
    document, code = arguments.run(arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):  # a terminal may not know the letters of a label
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        if arguments.json:
            print(to_json(document).decode())
        else:
            arguments.show(document)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader, e.g. `head`, has seen enough
        _silence()
    return code


def _failed(text: str) -> int:
    print(f"tscviz: {_flat(text)}", file=sys.stderr)
    return BAD_INPUT


def _silence() -> None:
    """Let what is still buffered go nowhere when Python ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # a stream of a test has no number
            os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


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
