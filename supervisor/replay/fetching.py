"""A call out of the database and the recordings of this machine."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import numpy as np

from supervisor.database.directory import load_units
from supervisor.database.doors import load_doors
from supervisor.database.extensions import Extension, find_extension
from supervisor.database.handbooks import load_handbook
from supervisor.database.pool import Pool
from supervisor.database.recordings import parts_of
from supervisor.database.texts import load_texts
from supervisor.recordings.names import FOLDER, PartName
from supervisor.replay.bundle import Bundle, ReplayError, Told, Voiced, voiced

SECRETS: Final = frozenset({"secret", "settings"})
"""What a door's row has that is nobody's business: a replay opens none."""


async def fetch(pool: Pool, data_dir: Path, call_id: UUID) -> Bundle:
    """Raises :class:`ReplayError` for a call that is not there, or was not recorded here."""
    events = await pool.fetch(
        "SELECT at, kind, data FROM events WHERE call_id = $1 ORDER BY sequence", call_id
    )
    row = await pool.fetchrow(
        "SELECT e.number FROM calls c JOIN extensions e ON e.id = c.extension_id WHERE c.id = $1",
        call_id,
    )
    if not events or row is None:
        raise ReplayError(f"There is no call {call_id}, or its extension is gone.")
    extension = await find_extension(pool, row["number"])
    began = events[0]["at"]
    async with pool.acquire() as connection:
        parts = [part for part in await parts_of(connection, call_id) if not part["deleted_at"]]
    return Bundle(
        call_id,
        began,
        replace(extension, recording=_recorded(parts)),
        await known_of(pool, extension),
        [
            Told(round((each["at"] - began).total_seconds(), 3), each["kind"], dict(each["data"]))
            for each in events
        ],
        _joined(_of(parts, "visitor", data_dir, call_id)),
        [voice for _, voice in _of(parts, "resident", data_dir, call_id)],
    )


def _recorded(parts: Sequence[Mapping[str, Any]]) -> Any:
    """Whose legs were: who is recorded is told so, which is part of the call."""
    return "everyone" if any(part["party"] == "resident" for part in parts) else "visitors"


async def known_of(pool: Pool, extension: Extension) -> Mapping[str, Any]:
    """What our agents read of a condominium or business."""
    condominium_id = extension.condominium_id
    doors = [asdict(door) for door in await load_doors(pool, condominium_id)]
    return {
        "units": [asdict(unit) for unit in await load_units(pool, condominium_id)],
        "doors": [
            {key: value for key, value in door.items() if key not in SECRETS} for door in doors
        ],
        "texts": await load_texts(pool, condominium_id),
        "document": await load_handbook(pool, extension.id) or {},
    }


def _of(
    parts: Sequence[Mapping[str, Any]], party: str, data_dir: Path, call_id: UUID
) -> list[tuple[datetime, Voiced]]:
    folder, found = data_dir / FOLDER, []
    for part in parts:
        if part["party"] == party:
            name = PartName.parse(part["name"])
            files = [folder / (part["file"] or "-")]
            files += [name.live_in(folder)] if name is not None else []
            file = next((each for each in files if each.is_file()), None)
            if file is None:
                raise ReplayError(
                    f"A recording of {call_id} is not on this machine but on {part['machine']}; "
                    "run the command there, with --export."
                )
            found.append((part["started_at"], voiced(file)))
    if party == "visitor" and not found:
        raise ReplayError(
            f"The call {call_id} was not recorded, or its recording is deleted; "
            "see docs/recordings.md."
        )
    return found


def _joined(parts: Sequence[tuple[datetime, Voiced]]) -> Voiced:
    """A call that came back after a crash has several, with silence between."""
    (first, voice), *rest = parts
    samples = voice.samples
    for started_at, part in rest:
        start = round((started_at - first).total_seconds() * voice.rate_hz)
        samples = np.concatenate(
            (samples, np.zeros(max(0, start - len(samples)), np.int16), part.samples)
        )
    return Voiced(voice.rate_hz, samples)
