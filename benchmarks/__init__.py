"""What is measured, never part of a test: `make bench`."""
