"""The command `leakscan`: arguments in, exit code out.

Start-up time is a feature: nothing else is loaded before the arguments are known.

Not here: the commands themselves (one module each), what they do (the rest of the package).
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    import click

#: The exit codes that other programs rely on.
CLEAN: Final = 0
FOUND: Final = 1
FAILED: Final = 2
INTERRUPTED: Final = 130
TERMINATED: Final = 143


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command with the given arguments, else those of the process, and exit."""
    # until a command is ready to clean up, ^C ends the process at once and without a traceback
    with contextlib.suppress(ValueError):  # not in the main thread: then it is the caller's
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    code = run(list(sys.argv[1:] if arguments is None else arguments))
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        silence_stdout()
    except OSError as error:
        silence_stdout()
        code = _failed(f"cannot write to stdout: {error.strerror or error}")
    except (AttributeError, ValueError):
        pass  # closed from the start
    gc.freeze()  # or the interpreter looks for cycles in all that is loaded, which takes 15 ms of a short run
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """Run the command and return its exit code. User errors are one line on stderr."""
    import click  # noqa: PLC0415 - after the signal is set

    from leakscan.errors import LeakscanError  # noqa: PLC0415 - as above

    from .group import cli  # noqa: PLC0415 - as above

    try:
        result = cli.main(arguments, prog_name="leakscan", standalone_mode=False)
    except click.ClickException as error:
        return _failed(_usage_words(error))
    except (click.Abort, KeyboardInterrupt):
        silence_stdout()
        _failed("interrupted")
        return INTERRUPTED
    except LeakscanError as error:
        return _failed(str(error))
    except BrokenPipeError:
        silence_stdout()
        return CLEAN
    except (OSError, MemoryError) as error:
        return _failed(getattr(error, "strerror", None) or "out of memory")
    except Exception as error:  # noqa: BLE001 - its message could quote the log, so it is not shown
        from leakscan.jobs import bug  # noqa: PLC0415 - only then

        return _failed(f"internal error ({bug(error)}): please report it")
    return result if isinstance(result, int) else CLEAN


def stop_on_signals() -> None:
    """Turn ^C and SIGTERM into exceptions, so that drafts are deleted and workers ended."""
    with contextlib.suppress(ValueError):  # as in main
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGTERM, _terminate)


def _terminate(*_: object) -> None:
    sys.exit(TERMINATED)


def _failed(message: str) -> int:
    from leakscan.terminal import say  # noqa: PLC0415 - only then

    say(message)
    return FAILED


def _usage_words(error: click.ClickException) -> str:
    words = " ".join(error.format_message().split()).rstrip(".")
    words = words[:1].lower() + words[1:]
    context = getattr(error, "ctx", None)
    return f"{words}; see {context.command_path} --help" if context is not None else words


def silence_stdout() -> None:
    """Give stdout a place to go: the interpreter flushes it once more at exit."""
    with contextlib.suppress(OSError, AttributeError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
