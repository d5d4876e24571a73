"""Log lines from domain events: one for each, keyed by the post, never its text or its author."""

import logging

_log = logging.getLogger("direct_dial")


class LogTelemetry:
    """Telemetry (see ports) as `what key=value …` lines of Python's logging."""

    def note(self, what: str, **facts: str | float) -> None:
        """Tell of something that happened in the ordinary course."""
        _log.info("%s", _line(what, facts))

    def trouble(self, what: str, **facts: str | float) -> None:
        """Tell of something that a person should look at."""
        _log.error("%s", _line(what, facts))


def set_up_logging(level: str) -> None:
    """Send log lines to standard error; libraries speak from WARNING on."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    _log.setLevel(level)


def _line(what: str, facts: dict[str, str | float]) -> str:
    said = (f"{name}={_value(value)}" for name, value in facts.items() if value != "")
    return " ".join((what, *said))


def _value(value: str | float) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    text = str(value).encode("ascii", "backslashreplace").decode().replace("\n", "\\n")
    return f'"{text}"' if " " in text else text
