#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Has 1,000 clients ask for one product at the same moment, of replicas in turn, after Redis has been emptied; prints how often
the replicas read the store for it.

usage: TOKEN=… cold-key.py REDIS_PORT PORT…
"""
import json, os, re, socket, subprocess, sys, urllib.request

READERS, ROUNDS = 1000, 5
redis_port, ports = sys.argv[1], [int(port) for port in sys.argv[2:]]
headers = {"Authorization": f"Bearer {os.environ['TOKEN']}", "Content-Type": "application/json"}


def loads():
    pattern = re.compile(r'^cache_loads_total\{result="product"\} (\S+)', re.M)
    texts = [urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics").read().decode() for port in ports]
    return sum(float(pattern.search(text)[1]) for text in texts)


def read_answer(connection):
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65536)
        if not part:
            return b"closed"
        data += part
    return data.split(b" ", 2)[1]


reads, bad = [], 0
for _ in range(ROUNDS):
    body = b'{"name":"Cold","price":1}'
    created = urllib.request.urlopen(
        urllib.request.Request(f"http://127.0.0.1:{ports[0]}/api/v1/products", data=body, headers=headers))
    product = json.load(created)["id"]
    request = (f"GET /api/v1/products/{product} HTTP/1.1\r\nHost: a\r\nAuthorization: {headers['Authorization']}\r\n\r\n").encode()
    connections = [socket.create_connection(("127.0.0.1", ports[number % len(ports)]), timeout=30) for number in range(READERS)]
    subprocess.run(["redis-cli", "-p", redis_port, "FLUSHALL"], check=True, stdout=subprocess.DEVNULL)
    before = loads()
    for connection in connections:
        connection.sendall(request)
    bad += sum(read_answer(connection) != b"200" for connection in connections)
    reads.append(loads() - before)
    for connection in connections:
        connection.close()
print(f"reads of the store in {ROUNDS} rounds: {', '.join(str(int(count)) for count in reads)}; answers that were not 200: {bad}")
