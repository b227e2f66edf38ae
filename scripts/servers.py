# SPDX-License-Identifier: Apache-2.0
"""The servers that checks and drills start for themselves, on free ports, and end by their processes."""
import contextlib
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time

PACKAGE = pathlib.Path(__file__).resolve().parent.parent
# Who is asked to end, ends what it has started first.
signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))


def children(process):
    """The processes that a process has started, by their ids: of PostgreSQL, what it keeps running and its backends."""
    return [int(child) for child in pathlib.Path(f"/proc/{process}/task/{process}/children").read_text().split()]


@contextlib.contextmanager
def stopped(processes):
    """Processes, by their ids, in their tracks; they go on behind, however that comes about."""
    try:
        for process in processes:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGSTOP)
        yield
    finally:
        for process in processes:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGCONT)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def subfolder(folder, name):
    path = pathlib.Path(folder) / name
    path.mkdir(parents=True, exist_ok=True)
    return path


def wait_for(port, process, log):
    """Until something listens on `port`; ends with what `log` holds when it does not within half a minute."""
    for _ in range(300):
        with socket.socket() as connection:
            if connection.connect_ex(("127.0.0.1", port)) == 0:
                return
        if process.poll() is not None:
            break
        time.sleep(0.1)
    sys.exit(f"a server does not start:\n{pathlib.Path(log).read_text(errors='replace')}")


@contextlib.contextmanager
def running(command, port, log, end=signal.SIGTERM):
    with open(log, "w") as output:
        process = subprocess.Popen([str(word) for word in command], stdout=output, stderr=output)
    try:
        wait_for(port, process, log)
        yield process
    finally:
        process.send_signal(signal.SIGCONT)
        process.send_signal(end)
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(timeout=30)


@contextlib.contextmanager
def postgres(folder):
    """A cluster of PostgreSQL that is thrown away behind; yields its port."""
    port = free_port()
    with postgres_process(folder, port):
        yield port


def postgres_process(folder, port):
    """The same, on a port of yours; yields its process."""
    place = subfolder(folder, f"postgres-{port}")
    for path in [pathlib.Path(folder), place]:
        path.chmod(0o755)
    return running([PACKAGE / "scripts/start-postgres", place / "cluster", port], port, place / "log", end=signal.SIGINT)


@contextlib.contextmanager
def redis(folder):
    """A Redis without a disk; yields its port."""
    port = free_port()
    with redis_process(folder, port):
        yield port


def redis_process(folder, port):
    """The same, on a port of yours; yields its process."""
    command = ["redis-server", "--bind", "127.0.0.1", "--port", port, "--save", "", "--appendonly", "no"]
    return running(command, port, subfolder(folder, f"redis-{port}") / "log")
