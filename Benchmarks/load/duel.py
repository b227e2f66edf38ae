#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Interleaved load duel between running HTTP servers: throughput, tail latency and CPU per request.

usage: duel.py [-r ROUNDS] [-d SECONDS] [-c CONNS] [-H 'Header: v']... [-s SCRIPT] NAME=PID=URL [NAME=PID=URL ...]

Each round loads every server in turn with wrk, so that drift of a shared machine hits all alike.
Prints the median of each figure, and every later server's ratio to the first, pair by pair.
SCRIPT is wrk's, for requests other than GET. PID may be a comma-separated list (a server and its cache, say); 0 skips the CPU figure.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

TICK = os.sysconf("SC_CLK_TCK")
REPORT = pathlib.Path(__file__).parent / "patterns" / "report.lua"


def cpu(pids):
    """The seconds of CPU that processes have taken so far."""
    total = 0.0
    for pid in pids:
        if pid == "0":
            continue
        fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
        total += (int(fields[11]) + int(fields[12])) / TICK
    return total


def load(url, seconds, connections, headers=(), script=None, arguments=(), pids=()):
    """Loads one server, and returns its requests a second, times in milliseconds, and microseconds of CPU a request."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as whole:
        whole.write((pathlib.Path(script).read_text() if script else "") + REPORT.read_text())
        whole.flush()
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}", "-s", whole.name]
        for header in headers:
            command += ["-H", header]
        before = cpu(pids)
        out = subprocess.run([*command, url, "--", *arguments], capture_output=True, text=True)
        used = cpu(pids) - before
    try:
        line = json.loads(out.stdout.strip().splitlines()[-1])
    except (IndexError, ValueError):
        sys.exit(f"duel.py: wrk printed no figures for {url}: {out.stderr or out.stdout}")
    return {
        "rps": line["requests"] / line["duration"] * 1e6, "p50": line["p50"] / 1e3, "p99": line["p99"] / 1e3,
        "p999": line["p999"] / 1e3, "cpu": used / max(line["requests"], 1) * 1e6, "bad": line["bad"],
    }


def duel(targets, rounds=5, seconds=3, connections=64, headers=(), script=None, arguments=()):
    """Loads (name, pids, url) in turn; returns for each name what was measured in each round."""
    for _, _, url in targets:
        load(url, 1, connections, headers, script, arguments)
    rows = {name: [] for name, _, _ in targets}
    for _ in range(rounds):
        for name, pids, url in targets:
            rows[name].append(load(url, seconds, connections, headers, script, arguments, pids))
    return rows


def median(rows, key):
    return statistics.median(row[key] for row in rows)


def ratios(rows, base, key="rps"):
    """Pair by pair: the median, the least and the most; None where there is nothing to compare with."""
    pairs = [row[key] / other[key] for row, other in zip(rows, base) if other[key]]
    return (statistics.median(pairs), min(pairs), max(pairs)) if pairs else None


def table(rows):
    """The figures of a duel as text; ratios to the first."""
    base = next(iter(rows.values()))
    lines = [
        f"{'server':<20}{'req/s':>9}{'p50 ms':>8}{'p99 ms':>8}{'p99.9':>8}{'cpu us/req':>12}{'bad':>5}   ratio req/s (min..max)   ratio cpu"]
    for name, figures in rows.items():
        middle, least, most = ratios(figures, base)
        of_cpu = ratios(figures, base, "cpu")
        lines.append(
            f"{name:<20}{median(figures, 'rps'):>9.0f}{median(figures, 'p50'):>8.2f}{median(figures, 'p99'):>8.2f}"
            f"{median(figures, 'p999'):>8.2f}{median(figures, 'cpu'):>12.1f}{sum(row['bad'] for row in figures):>5}"
            f"   {middle:.2f} ({least:.2f}..{most:.2f})        {of_cpu[0] if of_cpu else 0:.2f}")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-r", type=int, default=5)
    parser.add_argument("-d", type=int, default=3)
    parser.add_argument("-c", type=int, default=64)
    parser.add_argument("-H", action="append", default=[])
    parser.add_argument("-s")
    parser.add_argument("target", nargs="+")
    given = parser.parse_args()
    targets = [(name, pids.split(","), url) for name, pids, url in (target.split("=", 2) for target in given.target)]
    print(table(duel(targets, given.r, given.d, given.c, given.H, given.s)))


if __name__ == "__main__":
    main()
