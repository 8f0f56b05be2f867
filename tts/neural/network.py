"""One ONNX file, loaded once and run by several threads at a time."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime

from tts.engine import SynthesisError

Floats = npt.NDArray[np.float32]
Feeds = Mapping[str, npt.NDArray[Any]]

_TYPES: Mapping[str, type[np.generic]] = {
    "tensor(float16)": np.float16,
    "tensor(float)": np.float32,
    "tensor(double)": np.float64,
    "tensor(int32)": np.int32,
    "tensor(int64)": np.int64,
}


class Stop:
    """Ends a run that goes on in another thread, at its next operator."""

    def __init__(self) -> None:
        self.options = onnxruntime.RunOptions()

    @property
    def is_set(self) -> bool:
        """Whether nobody wants the result any more."""
        return bool(self.options.terminate)

    def set(self) -> None:
        """May be called from any thread, also before the run begins."""
        self.options.terminate = True


class Network:
    """A loaded model. One thread for each run: many calls share the cores better than many
    threads share one call. ``inputs`` are the names and types that the file declares."""

    def __init__(self, path: Path, needed: tuple[frozenset[str], ...]) -> None:
        """``needed``: of each set, the file has at least one input.

        Raises :class:`tts.engine.SynthesisError` for a file that is missing, broken or another
        kind of model.
        """
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.enable_mem_pattern = False  # every text has a length of its own
        options.log_severity_level = 4
        try:
            self._session = onnxruntime.InferenceSession(
                str(path), options, providers=["CPUExecutionProvider"]
            )
        except Exception as broken:  # onnxruntime's errors have no other common ancestor
            raise SynthesisError(f"{path} does not load as an ONNX model: {_first_line(broken)}; "
                                 "download it again") from broken  # fmt: skip
        self.inputs = {each.name: _TYPES.get(each.type) for each in self._session.get_inputs()}
        for names in needed:
            if not names & self.inputs.keys():
                raise SynthesisError(
                    f"{path} has no input {' or '.join(sorted(names))}, but "
                    f"{', '.join(self.inputs)}: it is a model of another kind"
                )

    def typed(self, name: str, values: object) -> npt.NDArray[Any]:
        """``values`` in the type that the input ``name`` declares."""
        return np.asarray(values, dtype=self.inputs[name])

    def run(self, feeds: Feeds, stop: Stop) -> Floats:
        """The first output as a flat array: mono samples, full scale being 1.

        Blocking. Raises :class:`tts.engine.SynthesisError`, also when it was stopped.
        """
        if stop.is_set:
            raise SynthesisError("the synthesis was cancelled")
        try:
            out = self._session.run(None, dict(feeds), stop.options)[0]
        except Exception as failure:
            raise SynthesisError(f"the model failed: {_first_line(failure)}") from failure
        samples = np.asarray(out, dtype=np.float32).reshape(-1)
        if not np.isfinite(samples).all():
            raise SynthesisError("the model made numbers that are no sound")
        return samples


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0][:300]
