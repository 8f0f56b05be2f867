"""Programs that tests need and no wheel brings: Debian's packages, unpacked without root."""
