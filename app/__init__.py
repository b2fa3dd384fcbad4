"""checkreader: reads the courtesy amount and the MICR line of bank checks, with the evidence, or refuses."""

__version__ = "0.1.0"
