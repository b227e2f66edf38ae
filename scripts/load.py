# SPDX-License-Identifier: Apache-2.0
"""A replica of the service on PostgreSQL and Redis, and a mixed load on it, for checks and drills."""
import contextlib
import http.client
import itertools
import json
import os
import random
import secrets
import subprocess
import threading
import time
import urllib.error
import urllib.request

import servers

PRODUCTS = "/api/v1/products"
SECRET = secrets.token_urlsafe(48)
SCOPES = "products:read products:write"


def token(executable, subject="drill", scope=SCOPES):
    return subprocess.run(
        [executable, "token", "--subject", subject, "--scope", scope, "--expires-in", "2h"], check=True, capture_output=True, text=True,
        env={"PATH": os.environ["PATH"], "JWT_SECRET": SECRET}).stdout.strip()


class Replica:
    """The service as a process, on ports of its own; all replicas take the same tokens."""

    def __init__(self, executable, folder, database, redis, settings=None):
        self.executable = executable
        self.api, self.admin = servers.free_port(), servers.free_port()
        self.log = servers.subfolder(folder, "replicas") / f"{self.api}.log"
        environment = {
            "PATH": os.environ["PATH"], "DATABASE_URL": f"postgres://postgres@127.0.0.1:{database}/postgres",
            "REDIS_URL": f"redis://127.0.0.1:{redis}", "JWT_SECRET": SECRET, "HTTP_PORT": str(self.api),
            "ADMIN_PORT": str(self.admin), "LOG_LEVEL": "warning", "SHUTDOWN_TIMEOUT": "5s", **(settings or {})}
        with open(self.log, "w") as output:
            self.process = subprocess.Popen([executable, "serve"], stdout=output, stderr=output, env=environment)

    def wait_until_ready(self):
        servers.wait_for(self.admin, self.process, self.log)
        for _ in range(300):
            if self.probe("readyz") == 200:
                return self
            time.sleep(0.1)
        raise SystemExit(f"a replica does not become ready:\n{self.log.read_text(errors='replace')}")

    def probe(self, name):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.admin}/{name}", timeout=5) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    def stop(self):
        """Ends it as asked; returns its exit code."""
        if self.process.poll() is None:
            self.process.terminate()
        return self.wait()

    def wait(self):
        """Until it has ended, but no longer than Kubernetes would; returns its exit code."""
        try:
            return self.process.wait(timeout=40)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait(timeout=30)


@contextlib.contextmanager
def serving(executable, folder, database, redis, settings=None):
    replica = Replica(executable, folder, database, redis, settings)
    try:
        yield replica.wait_until_ready()
    finally:
        replica.stop()


class Load:
    """Clients of several kinds, each on a connection of its own, until they are told to stop."""

    def __init__(self, executable, port):
        self.port, self.is_over, self.statuses = port, threading.Event(), {}
        self.tokens = {
            "caller": token(executable, "caller"), "reader": token(executable, "reader", "products:read"),
            "greedy": token(executable, "greedy", "products:read"), "bad": "a.b.c"}
        self.ids = []
        self.threads = [threading.Thread(target=self.run, args=[kind]) for kind in [self.read, self.read, self.write, self.list, self.refused, self.greedy]]
        for thread in self.threads:
            thread.start()

    def run(self, kind):
        connection = None
        for number in itertools.count():
            if self.is_over.is_set():
                return
            try:
                connection = connection or http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
                kind(connection, number)
            except (OSError, http.client.HTTPException):
                connection.close()
                connection = None
                time.sleep(0.1)

    def ask(self, connection, method, path, token="caller", body=None, **fields):
        headers = dict(fields)
        if token:
            headers["Authorization"] = f"Bearer {self.tokens[token]}"
        if body is not None:
            headers["Content-Type"] = "application/json"
            body = json.dumps(body)
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = answer.read()
        self.statuses[answer.status] = self.statuses.get(answer.status, 0) + 1
        return answer, text

    def read(self, connection, number):
        ids = self.ids or ["00000000-0000-4000-8000-000000000000"]
        self.ask(connection, "GET", f"{PRODUCTS}/{random.choice(ids)}")
        time.sleep(0.02)

    def write(self, connection, number):
        fields = {"Idempotency-Key": f'"{number}"'} if number % 3 == 0 else {}
        answer, text = self.ask(connection, "POST", PRODUCTS, body={"name": f"Product {number}", "price": 1}, **fields)
        if answer.status == 201 and len(self.ids) < 200:
            self.ids.append(json.loads(text)["id"])
        if self.ids:
            self.ask(connection, "PUT", f"{PRODUCTS}/{random.choice(self.ids)}", body={"price": number % 100})
        if number % 10 == 0 and len(self.ids) > 50:
            self.ask(connection, "DELETE", f"{PRODUCTS}/{self.ids.pop(random.randrange(40))}")
        time.sleep(0.1)

    def list(self, connection, number):
        self.ask(connection, "GET", f"{PRODUCTS}?limit=5&offset={number % 50}")
        time.sleep(0.05)

    def refused(self, connection, number):
        paths = [(f"{PRODUCTS}/0", "caller"), ("/nowhere", "caller"), (PRODUCTS, None), (PRODUCTS, "bad"), ("/health", None)]
        path, token = paths[number % len(paths)]
        self.ask(connection, "GET", path, token)
        self.ask(connection, "POST", PRODUCTS, "reader", {"name": "x", "price": 1})
        time.sleep(0.1)

    def greedy(self, connection, number):
        """Asks for more than its limit allows."""
        self.ask(connection, "GET", PRODUCTS + "?limit=1", "greedy")
        time.sleep(0.004)

    def stop(self):
        self.is_over.set()
        for thread in self.threads:
            thread.join()
