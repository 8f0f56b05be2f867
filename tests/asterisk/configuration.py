"""The configuration of a test's Asterisk: the shipped files, and what a test adds to them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from string import Template

DEPLOY = Path(__file__).parents[2] / "deploy/asterisk"
TEMPLATES = Path(__file__).parent / "etc"

EMPTY_FILES = (
    *("acl", "ccss", "cel", "cli", "codecs", "dsp", "features", "geolocation"),
    *("musiconhold", "pjproject", "sorcery", "stasis", "udptl", "websocket_client"),
)
"""Files that modules want to see, whatever is in them."""

SMALL_FILES = {
    "cdr": "[general]\nenable = no\n",
    "statsd": "[general]\nenabled = no\n",
    "indications": "[general]\ncountry = br\n[br]\ndescription = Brazil\nring = 425/1000,0/4000\n",
}


@dataclass(frozen=True, slots=True)
class Site:
    """What a test's telephone system consists of, as its operator would write it down.

    ``numbers``: extension -> AudioSocket port, which the dialplan connects with ``audio``.
    ``phones``: endpoint -> password; they register. ``dead_phones``: endpoints at an address where
    nobody listens. ``transfers``: destination -> what the dialplan does there in turn, e.g.
    ``["Dial(PJSIP/guard,20)"]``. ``doors``: the same for doors. ``applications``: the same for what
    phones may dial besides. ``managers``: more users of the manager, with the same secret: what
    they may read and write. ``globals``: dialplan variables.
    """

    numbers: Mapping[str, int] = field(default_factory=dict)
    audio: str = "slin"
    phones: Mapping[str, str] = field(default_factory=dict)
    dead_phones: tuple[str, ...] = ()
    transfers: Mapping[str, Sequence[str]] = field(default_factory=dict)
    doors: Mapping[str, Sequence[str]] = field(default_factory=dict)
    applications: Mapping[str, Sequence[str]] = field(default_factory=dict)
    managers: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    globals: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ports:
    """Where an Asterisk listens on loopback; ``rtp_last`` is included."""

    sip: int
    ami: int
    http: int
    rtp_first: int
    rtp_last: int


class _ConfigurationTemplate(Template):
    delimiter = "@"  # $ is the dialplan's


def write_configuration(
    run: Path,
    site: Site,
    ports: Ports,
    *,
    ami_secret: str,
    ari_secret: str,
    modules: Path,
    data: Path,
) -> Path:
    """Write everything under ``run`` and return the path of its ``asterisk.conf``."""
    values = {
        "run": run,
        "modules": modules,
        "data": data,
        "deploy": DEPLOY,
        "sip_port": ports.sip,
        "ami_port": ports.ami,
        "http_port": ports.http,
        "rtp_first": ports.rtp_first,
        "rtp_last": ports.rtp_last,
        "ami_secret": ami_secret,
        "ari_secret": ari_secret,
        "managers": _lines(
            f"[{name}]\nsecret = {ami_secret}\nread = {read}\nwrite = {write}"
            for name, (read, write) in site.managers.items()
        ),
        "globals": _lines(f"{name} = {value}" for name, value in site.globals.items()),
        "numbers": _extensions(
            {
                n: [f"Gosub(ramal-answer,s,1({port},{site.audio}))"]
                for n, port in site.numbers.items()
            }
        ),
        "applications": _extensions(site.applications),
        "transfers": _extensions(site.transfers),
        "doors": _extensions(site.doors),
        "phones": _lines(
            [
                *(_phone(name, password) for name, password in site.phones.items()),
                *(_dead_phone(name) for name in site.dead_phones),
            ]
        ),
    }
    folder = run / "etc"
    for name in ("etc", "log", "lib", "cache", "agi", "spool"):
        (run / name).mkdir()
    for template in TEMPLATES.glob("*.conf"):
        text = _ConfigurationTemplate(template.read_text()).substitute(values)
        (folder / template.name).write_text(text)
    for name in EMPTY_FILES:
        (folder / f"{name}.conf").touch()
    for name, text in SMALL_FILES.items():
        (folder / f"{name}.conf").write_text(text)
    return folder / "asterisk.conf"


def _lines(lines: Iterable[str]) -> str:
    return "\n".join(lines)


def _extensions(applications: Mapping[str, Sequence[str]]) -> str:
    return _lines(
        f"exten => {name},{priority},{application}"
        for name, steps in applications.items()
        for priority, application in enumerate(steps, start=1)
    )


def _phone(name: str, password: str) -> str:
    return (
        f"[{name}](test-phone)\nauth = {name}\naors = {name}\ncallerid = <{name}>\n"
        f"[{name}](ramal-auth)\nusername = {name}\npassword = {password}\n"
        f"[{name}](ramal-aor)\n"
    )


def _dead_phone(name: str) -> str:
    # port 9 ("discard") of loopback: nothing answers
    return (
        f"[{name}](test-phone)\naors = {name}\n"
        f"[{name}]\ntype = aor\ncontact = sip:{name}@127.0.0.1:9\n"
    )
