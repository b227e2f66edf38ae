# SPDX-License-Identifier: Apache-2.0
"""What drills have in common: the service as a process of their own, clients that watch it, percentiles."""
import contextlib
import http.client
import os
import pathlib
import re
import secrets
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

# What drills share with checks: servers, replicas, a mixed load.
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent.parent / "scripts"))

LIMITS_OFF = {"RATE_LIMIT_RATE": "off", "RATE_LIMIT_ADDRESS_RATE": "off"}
PRODUCTS = "/api/v1/products"


class Service:
    """The service over 1,000 products, with an admin port and a token for it."""

    def __init__(self, executable, folder, arguments=(), environment=None, launcher=()):
        self.environment = {**os.environ, "JWT_SECRET": secrets.token_urlsafe(48), **(environment or {})}
        database = ["--database-url", f"sqlite:{folder}/products.db"]
        lines = "".join('{"name":"Product %d","price":1.99}\n' % number for number in range(1000))
        subprocess.run(
            [executable, "import", "-", "--log-level", "warning"] + database, input=lines, text=True, check=True,
            capture_output=True)
        self.process = subprocess.Popen(
            [*launcher, executable, "serve", "--http-port", "0", "--admin-port", "0", *database, *arguments],
            stdout=subprocess.PIPE, text=True, env=self.environment)
        ports = {}
        for line in self.process.stdout:
            if found := re.search(r'"address":"127\.0\.0\.1:(\d+)","listener":"(\w+)"', line):
                ports[found[2]] = int(found[1])
            if len(ports) == 2:
                break
        threading.Thread(target=lambda: [None for _ in self.process.stdout], daemon=True).start()
        self.api, self.admin = ports["api"], ports["admin"]
        self.token = subprocess.run(
            [executable, "token", "--subject", "drill"], capture_output=True, text=True, check=True,
            env=self.environment).stdout.strip()
        self.authorization = {"Authorization": f"Bearer {self.token}"}
        while ask(self.admin, "/readyz")[0].status != 200:
            time.sleep(0.1)

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=30)


@contextlib.contextmanager
def serving(*arguments, **options):
    with tempfile.TemporaryDirectory() as folder:
        service = Service(arguments[0], folder, *arguments[1:], **options)
        try:
            yield service, folder
        finally:
            service.stop()


def connect(port, source="127.0.0.1"):
    return http.client.HTTPConnection("127.0.0.1", port, timeout=20, source_address=(source, 0))


def ask(port, path, headers=None, connection=None):
    """One request, on a connection of its own unless one is given; returns the answer, and how long it took in seconds."""
    used = connection or connect(port)
    began = time.perf_counter()
    used.request("GET", path, headers=headers or {})
    answer = used.getresponse()
    answer.read()
    took = time.perf_counter() - began
    if not connection:
        used.close()
    return answer, took


def fetch(port, path):
    """The body of an answer, as text."""
    return urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=20).read().decode()


class Watcher:
    """Asks again and again on one connection, until it is stopped; keeps statuses, Retry-After and times."""

    def __init__(self, port, path, headers=None, source="127.0.0.1"):
        self.seen, self.is_over = [], threading.Event()
        self.thread = threading.Thread(target=self.run, args=[port, path, headers, connect(port, source)])
        self.thread.start()

    def run(self, *arguments):
        while not self.is_over.is_set():
            answer, took = ask(*arguments)
            self.seen.append((answer.status, answer.headers.get("Retry-After"), took))
            time.sleep(0.02)

    def stop(self):
        self.is_over.set()
        self.thread.join()
        return self.seen


def percentile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * share))] if values else 0


def wrk(port, path, token, connections, seconds, script=None, launcher=()):
    """Returns the requests answered in a second, and those of them that were served."""
    command = [*launcher, "wrk", "-t1", f"-c{connections}", f"-d{seconds}", "-H", f"Authorization: Bearer {token}"]
    if script:
        command += ["-s", script]
    out = subprocess.run(command + [f"http://127.0.0.1:{port}{path}"], capture_output=True, text=True).stdout
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1])
    total = int(re.search(r"(\d+) requests in", out)[1])
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", out)
    return rate, rate * (1 - (int(refused[1]) if refused else 0) / max(1, total))


def pace(folder, seconds):
    """A script for wrk: how long each connection waits between requests, half as long to half as long again, so that they do
    not all come at once."""
    path = f"{folder}/pace.lua"
    with open(path, "w") as file:
        file.write(f"function delay() return math.random({int(seconds * 500)}, {int(seconds * 1500)}) end\n")
    return path
