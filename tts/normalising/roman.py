"""Roman numerals below ninety: centuries, popes, kings and blocks have no higher ones."""

ROMAN = r"(?=[IVXL]{2,}\b)(?:XL|L?X{0,3})(?:IX|IV|V?I{0,3})"
"""A pattern: a well-formed numeral of two letters or more, for one may be an initial."""
_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50}


def roman(numeral: str) -> int:
    """The value of a well-formed numeral."""
    values = [_VALUES[letter] for letter in numeral]
    return sum(
        -value if any(later > value for later in values[place + 1 :]) else value
        for place, value in enumerate(values)
    )
