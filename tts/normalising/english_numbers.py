"""Numbers as they are said in English."""

from tts.normalising.shared_rules import NumberWords

WORDS = NumberWords(
    tag="en",
    digit_names="zero one two three four five six seven eight nine",
    thousands=",",
    decimal_point="point",
    percent="percent",
    range_word="to",
    minus="minus",
    by="by",
    one="one",
    code_words="code|pin|password|extension|ext|passport|id|cpf|confirmation|ssn|dial",
    units={
        "km/h": ("kilometer per hour", "kilometers per hour"),
        "mph": ("mile per hour", "miles per hour"),
        "km²": ("square kilometer", "square kilometers"),
        "km": ("kilometer", "kilometers"),
        "m²": ("square meter", "square meters"),
        "m2": ("square meter", "square meters"),
        "m³": ("cubic meter", "cubic meters"),
        "m": ("meter", "meters"),
        "cm": ("centimeter", "centimeters"),
        "mm": ("millimeter", "millimeters"),
        "sq ft": ("square foot", "square feet"),
        "sq. ft.": ("square foot", "square feet"),
        "ft": ("foot", "feet"),
        "mi": ("mile", "miles"),
        "kg": ("kilogram", "kilograms"),
        "g": ("gram", "grams"),
        "lbs": ("pound", "pounds"),
        "lb": ("pound", "pounds"),
        "oz": ("ounce", "ounces"),
        "ml": ("milliliter", "milliliters"),
        "l": ("liter", "liters"),
        "L": ("liter", "liters"),
        "min": ("minute", "minutes"),
        "mins": ("minute", "minutes"),
        "sec": ("second", "seconds"),
        "s": ("second", "seconds"),
        "hrs": ("hour", "hours"),
        "hr": ("hour", "hours"),
        "h": ("hour", "hours"),
        "V": ("volt", "volts"),
        "W": ("watt", "watts"),
        "kW": ("kilowatt", "kilowatts"),
        "GB": ("gigabyte", "gigabytes"),
        "MB": ("megabyte", "megabytes"),
        "°C": ("degree Celsius", "degrees Celsius"),
        "°F": ("degree Fahrenheit", "degrees Fahrenheit"),
        "°": ("degree", "degrees"),
    },
    currencies={
        "R$": ("real", "reais", "cent", "cents"),
        "US$": ("dollar", "dollars", "cent", "cents"),
        "$": ("dollar", "dollars", "cent", "cents"),
        "€": ("euro", "euros", "cent", "cents"),
        "£": ("pound", "pounds", "penny", "pence"),
        "¥": ("yen", "yen", "", ""),
    },
    joined="and",
    multiples={"thousand": "thousand ", "million": "million ", "billion": "billion "},
    parts_of_one={
        2: ("half", "halves"),
        3: ("third", "thirds"),
        4: ("quarter", "quarters"),
        5: ("fifth", "fifths"),
        8: ("eighth", "eighths"),
        10: ("tenth", "tenths"),
    },
    and_a_half="and a half",
    times=("time", "times"),
)


def year(number: int) -> str:
    """``1990`` as "nineteen ninety"; from 2000 on as a number."""
    century, rest = divmod(number, 100)
    if not 11 <= century <= 19:
        return WORDS.cardinal(number)
    if rest == 0:
        return f"{WORDS.cardinal(century)} hundred"
    small = f"oh {WORDS.cardinal(rest)}" if rest < 10 else WORDS.cardinal(rest)
    return f"{WORDS.cardinal(century)} {small}"
