"""Starts one program and measures it, from a process that is itself small.

    python -I -S launch.py OUT ERRORS PROGRAM [ARGUMENT]...

The system counts as a program's peak memory also what the process that started it held, so the benchmarks,
which hold logs, start programs through this one. Prints wall seconds, CPU seconds, `ru_maxrss` and the exit
code. Imports nothing that costs memory. Not here: what is done with the figures (`measure`).
"""

import os
import sys
import time


def main(out: str, errors: str, command: list[str]) -> None:
    """Run the command and print the figures."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, out, flags, 0o600),
        (os.POSIX_SPAWN_OPEN, 2, errors, flags, 0o600),
    ]
    started = time.perf_counter()
    process = os.posix_spawnp(command[0], command, os.environ, file_actions=actions)
    _, status, usage = os.wait4(process, 0)
    seconds = time.perf_counter() - started
    print(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss, os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
