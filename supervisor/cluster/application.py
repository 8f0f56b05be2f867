"""The Serve application: ``import_path: supervisor.cluster.application:build``."""

from typing import Any

from ray import serve

from supervisor.cluster.ears import Ears
from supervisor.cluster.gateway import Gateway
from supervisor.cluster.settings import STOP_LIMIT_S, ClusterSettings, Scale
from supervisor.cluster.voices import Voices
from supervisor.errors import OperatorError
from supervisor.settings import load_settings


class ClusterError(OperatorError):
    """The application cannot be built; the message says what to do."""


def build(args: ClusterSettings) -> Any:
    """What ``serve run`` and ``serve deploy`` ask for, from ``args`` of the configuration.

    Raises :class:`ClusterError` without ``RAMAL_ENGINES__TOKEN``: whoever reaches the port hears
    what callers say.
    """
    secret = load_settings().engines.token
    if secret is None:
        raise ClusterError(
            "Engines on a cluster need a token: set RAMAL_ENGINES__TOKEN where each node of Ray is "
            "started, the same on all."
        )
    return assembled(args, secret.get_secret_value())


def assembled(args: ClusterSettings, token: str, voices_class: type[Voices] = Voices) -> Any:
    """The deployments and who speaks to whom: gateways to engines, engines to nobody."""
    told = args.model_dump()
    ears = voices = None
    if args.stt is not None:
        ears = _deployment("Ears", Ears, args.listening).bind(told)
    if args.tts is not None:
        voices = _deployment("Voices", voices_class, args.speaking).bind(told)
    gateway = _deployment("Gateway", serve.ingress()(Gateway), args.gateways)
    return gateway.bind(told, token, ears, voices)


def _deployment(name: str, cls: Any, scale: Scale) -> Any:
    many: dict[str, Any] = {"num_replicas": scale.least}
    if scale.highest > scale.least:
        many = {
            "autoscaling_config": {
                "min_replicas": scale.least,
                "max_replicas": scale.highest,
                "target_ongoing_requests": scale.busy or max(1.0, scale.at_once / 2),
                "upscale_delay_s": scale.add_after_s,
                "downscale_delay_s": scale.remove_after_s,
                "look_back_period_s": max(2.0, scale.add_after_s),
                "metrics_interval_s": 1.0,
            }
        }
    if scale.per_node is not None:
        many["max_replicas_per_node"] = scale.per_node
    return serve.deployment(
        cls,
        name=name,
        max_ongoing_requests=scale.at_once,
        ray_actor_options={"num_cpus": scale.cpus, "num_gpus": scale.gpus},
        health_check_period_s=scale.health_every_s,
        health_check_timeout_s=scale.health_limit_s,
        graceful_shutdown_timeout_s=STOP_LIMIT_S,
        **many,
    )
