# SPDX-License-Identifier: Apache-2.0
"""What checks of deployments have in common: what the binary says of its settings, and whether it takes those it is given."""
import json
import os
import pathlib
import re
import shlex
import subprocess

CREDENTIALS = re.compile(r"://[^/@\s]*:[^/@\s]+@|password=", re.I)


class Binary:
    def __init__(self, executable):
        self.executable = str(executable)
        self.schema = json.loads(self.run("config", "--schema").stdout)
        self.variables = self.schema["properties"]
        self.operations = self.schema["x-operations"]
        self.commands = self.schema["x-commands"]

    def run(self, *arguments, environment=None):
        return subprocess.run(
            [self.executable, *arguments], capture_output=True, text=True, timeout=60,
            env={"PATH": os.environ["PATH"], **(environment or {})})

    def problems(self, environment, others=()):
        """Of variables for the service: names that it does not know, values that it does not take, secrets in clear.

        `others` are variables that it is not to know, such as the image's.
        """
        for name, value in environment.items():
            if name in others:
                continue
            if name not in self.variables:
                yield f"{name} is no setting of the service"
            elif self.variables[name].get("writeOnly") or CREDENTIALS.search(str(value)):
                yield f"{name} has a secret in it: give a file"
        if str(environment.get("DATABASE_URL", "")).startswith("postgres") and "REDIS_URL" not in environment \
                and environment.get("CACHE_NEAR_BYTES", "0") != "0":
            yield "CACHE_NEAR_BYTES without REDIS_URL keeps what other replicas have changed: leave it unset"
        taken = self.run("config", environment={name: str(value) for name, value in environment.items()})
        if taken.returncode:
            yield f"the service does not take its settings: {taken.stderr.strip()}"


def seconds(duration):
    """Of a length of time as the service and Kubernetes write it."""
    number, unit = re.fullmatch(r"(\d+)(ms|s|m|h)", duration).groups()
    return int(number) * {"ms": 0.001, "s": 1, "m": 60, "h": 3600}[unit]


def bytes_of(size):
    number, unit = re.fullmatch(r"(\d+)(B|[KMG]iB?|)", str(size)).groups()
    return int(number) << {"": 0, "B": 0, "Ki": 10, "KiB": 10, "Mi": 20, "MiB": 20, "Gi": 30, "GiB": 30}[unit]


def most_memory(environment, defaults):
    """What clients can make a replica hold, by docs/runbook.md#memory."""
    def setting(name):
        return environment.get(name) or defaults[name]["default"]
    return (64 << 20) + bytes_of(environment.get("CACHE_NEAR_BYTES", "64MiB")) + bytes_of(setting("HTTP_MAX_BODY")) * int(setting("HTTP_MAX_IN_FLIGHT")) \
        + (bytes_of(setting("HTTP_MAX_HEADER")) + (32 << 10)) * int(setting("HTTP_MAX_CONNECTIONS"))


def version(package):
    """Of the sources: what images are tagged with."""
    text = (pathlib.Path(package) / "Sources/ProductAPI/ProductAPI.swift").read_text(encoding="utf-8")
    return re.search(r'version = "([\d.]+)"', text)[1]


def last_stage(package):
    """What the last stage of the Dockerfile says, by instruction."""
    text = (pathlib.Path(package) / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    said = {}
    for instruction, rest in re.findall(r"^([A-Z]+) +(.*)$", text[text.rindex("\nFROM "):], re.M):
        said.setdefault(instruction, []).append(rest.strip())
    return said


def image_environment(package):
    """The variables that the image itself sets."""
    return dict(pair.split("=", 1) for line in last_stage(package)["ENV"] for pair in shlex.split(line))
