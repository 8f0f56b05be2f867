"""The machine: room on the disk, open files, cores, and the port of the admin API."""

import os
import resource
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from supervisor.checks.finding import Finding, fail, ok, warn
from supervisor.settings import Settings

LEAST_FREE_MB: Final = 200
"""Below this PostgreSQL and the spool cannot be relied on."""
FREE_BEYOND_SPOOL_MB: Final = 1000
"""For the embedded database, rendered prompts and logs."""
FILES_PER_CALL: Final = 4
"""Two connections, and a recording of each."""
FILES_BESIDES: Final = 256
"""Sockets, pipes, models and the database's connections of a worker."""
CROWDED: Final = 2.0
"""Load per core above which frames may come late; it passes, hence it is no fault."""


def examine_machine(settings: Settings) -> Iterator[Finding]:
    """What can be known without asking anybody."""
    yield _disk(settings)
    yield _open_files(settings)
    yield _cores(settings)
    if settings.http.enabled:
        yield _api_port(settings)


def _disk(settings: Settings) -> Finding:
    folder = _existing(settings.data_dir)
    free_mb = shutil.disk_usage(folder).free // 2**20
    wanted_mb = settings.spool.limit_mb + FREE_BEYOND_SPOOL_MB
    text = f"{free_mb} MB free for {settings.data_dir}."
    if not os.access(folder, os.W_OK):
        return fail("disk", f"{folder} cannot be written to.", "Give its owner the right to write.")
    if free_mb < LEAST_FREE_MB:
        return fail("disk", text, f"Make room: {wanted_mb} MB, or set data_dir elsewhere.")
    if free_mb < wanted_mb:
        return warn("disk", text, f"Make room: {wanted_mb} MB hold a full spool as well.")
    return ok("disk", text)


def _existing(folder: Path) -> Path:
    folder = folder.absolute()
    while not folder.exists():
        folder = folder.parent
    return folder


def _open_files(settings: Settings) -> Finding:
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES_PER_CALL * settings.max_calls + FILES_BESIDES
    if limit in (resource.RLIM_INFINITY, -1) or limit >= wanted:
        return ok("open files", f"{limit} at once; {settings.max_calls} calls take {wanted}.")
    return warn(
        "open files",
        f"Only {limit} at once; {settings.max_calls} calls in a worker take {wanted}.",
        f"Start ramal serve with ulimit -n {wanted} (systemd: LimitNOFILE={wanted}).",
    )


def _cores(settings: Settings) -> Finding:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    cores, load = cores or 1, os.getloadavg()[0]
    text = f"Load {load:.1f} on {cores} cores for {settings.workers or cores} workers."
    crowded = " It is crowded: look at the lateness of frames." if load > CROWDED * cores else ""
    return ok("cpu", text + crowded)


def _api_port(settings: Settings) -> Finding:
    host, port = settings.http.host, settings.http.port
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        text = f"Port {port} of {host} cannot be had now: {error.strerror or error}."
        return warn("admin API", text, "Fine if ramal serve has it; else set http.port.")
    return ok("admin API", f"Port {port} of {host} is free for it.")
