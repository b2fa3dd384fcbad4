"""The JSON form of a reading: ``from_reading(reading, include) -> CheckResponse``; used by HTTP, command line and batch."""
