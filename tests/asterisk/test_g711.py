"""G.711 by its own standard; these need no Asterisk."""

import numpy as np
import pytest

from tests.asterisk import g711

KNOWN_VALUES = {
    # code -> sample, scaled to 16 bits: ITU-T G.711, tables 1 and 2
    g711.PCMU: {0xFF: 0, 0x7F: 0, 0x80: 32124, 0x00: -32124},
    g711.PCMA: {0xD5: 8, 0x55: -8, 0xAA: 32256, 0x2A: -32256},
}


@pytest.mark.parametrize("payload_type", [g711.PCMU, g711.PCMA])
def test_the_ends_and_the_middle_of_the_scale_are_those_of_the_standard(payload_type: int) -> None:
    for code, value in KNOWN_VALUES[payload_type].items():
        assert g711.decode(bytes([code]), payload_type)[0] == value


@pytest.mark.parametrize("payload_type", [g711.PCMU, g711.PCMA])
def test_every_code_survives_a_round_trip(payload_type: int) -> None:
    samples = g711.decode(bytes(range(256)), payload_type)
    again = g711.decode(g711.encode(samples, payload_type), payload_type)
    np.testing.assert_array_equal(again, samples)


@pytest.mark.parametrize("payload_type", [g711.PCMU, g711.PCMA])
def test_encoding_is_never_further_off_than_half_a_step(payload_type: int) -> None:
    samples = np.arange(-32768, 32768).astype(np.int16)
    decoded = g711.decode(g711.encode(samples, payload_type), payload_type)
    errors = np.abs(decoded.astype(int) - samples.astype(int))
    clipped = np.abs(samples.astype(int)) > 32256
    assert errors[~clipped].max() <= 512
    assert errors[np.abs(samples.astype(int)) < 128].max() <= 8
