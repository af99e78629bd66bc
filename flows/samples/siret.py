"""SIRET numbers that are right by their check digit and belong to nobody."""


def invented_siret(number: int) -> str:
    """A SIREN starting with four zeros is never given; the last digit makes the Luhn sum right."""
    start = f"0000{number + 100:05}0001"
    digits = [int(digit) for digit in start]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[::-2]]
    return f"{start}{-(sum(digits[-2::-2]) + sum(doubled)) % 10}"
