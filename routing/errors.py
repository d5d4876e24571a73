"""The error family of the core; what a person reads is the message."""


class DirectDialError(Exception):
    """Something a person can put right; `str()` of it is one sentence that says how."""


class RosterError(DirectDialError):
    """experts.yaml has mistakes: `problems` holds every one of them, in the order of the file."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems
