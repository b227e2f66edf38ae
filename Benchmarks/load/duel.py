#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Interleaved load duel between running HTTP servers: throughput, tail latency and CPU per request.

usage: duel.py [-r ROUNDS] [-d SECONDS] [-c CONNS] [-H 'Header: v']... [-s SCRIPT] NAME=PID=URL [NAME=PID=URL ...]

Each round loads every server in turn with wrk, so that drift of a shared machine hits all alike.
Prints the median of each figure, and every later server's ratio to the first, pair by pair.
SCRIPT is wrk's, for requests other than GET. PID may be a comma-separated list (a server and its cache, say); 0 skips the CPU figure.
"""
import argparse, os, re, statistics as st, subprocess, sys

TICK = os.sysconf("SC_CLK_TCK")

def cpu(pids):
    total = 0.0
    for pid in pids:
        if pid == "0":
            continue
        f = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
        total += (int(f[11]) + int(f[12])) / TICK
    return total

def load(url, secs, conns, headers, script):
    cmd = ["wrk", "-t1", f"-c{conns}", f"-d{secs}", "--latency"]
    for h in headers:
        cmd += ["-H", h]
    if script:
        cmd += ["-s", script]
    out = subprocess.run(cmd + [url], capture_output=True, text=True).stdout
    rps = float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1])
    n = int(re.search(r"(\d+) requests in", out)[1])
    unit = {"us": 1e-3, "ms": 1, "s": 1e3}
    m = re.search(r"99%\s+([\d.]+)(us|ms|s)", out)
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", out)
    return rps, n, float(m[1]) * unit[m[2]], int(bad[1]) if bad else 0

ap = argparse.ArgumentParser()
ap.add_argument("-r", type=int, default=5)
ap.add_argument("-d", type=int, default=3)
ap.add_argument("-c", type=int, default=64)
ap.add_argument("-H", action="append", default=[])
ap.add_argument("-s")
ap.add_argument("target", nargs="+")
a = ap.parse_args()
rows = {}
targets = [t.split("=", 2) for t in a.target]
for name, pids, url in targets:
    load(url, 1, a.c, a.H, a.s)
for _ in range(a.r):
    for name, pids, url in targets:
        p = pids.split(",")
        c0 = cpu(p)
        rps, n, p99, bad = load(url, a.d, a.c, a.H, a.s)
        us = (cpu(p) - c0) / max(n, 1) * 1e6
        rows.setdefault(name, []).append((rps, p99, us, bad))
base = rows[targets[0][0]]
print(f"{'server':<16}{'req/s':>10}{'p99 ms':>9}{'cpu us/req':>12}{'bad':>6}   ratio req/s (min..max)   ratio cpu")
for name, _, _ in targets:
    r = rows[name]
    ratios = [x[0] / y[0] for x, y in zip(r, base)]
    cr = [x[2] / y[2] for x, y in zip(r, base) if y[2]]
    print(f"{name:<16}{st.median(x[0] for x in r):>10.0f}{st.median(x[1] for x in r):>9.2f}{st.median(x[2] for x in r):>12.1f}{sum(x[3] for x in r):>6}"
          f"   {st.median(ratios):.2f} ({min(ratios):.2f}..{max(ratios):.2f})        {st.median(cr) if cr else 0:.2f}")
