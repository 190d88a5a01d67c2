"""Errors that a person can do something about. Each says what is wrong and what to do."""


class HearkenError(Exception):
    """Base of every error that is shown to a person.

    `remedy` is one sentence that says what to do; it may be empty where the message already does.
    """

    exit_code = 1

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()


class SettingsError(HearkenError):
    """A setting is missing or wrong; the message names its key."""

    exit_code = 2


class DatabaseVersionError(HearkenError):
    """The database is older or newer than this code."""

    exit_code = 2


class InvalidInputError(HearkenError):
    """What the person gave cannot be taken as it is. `field` names the form field or option it belongs to."""

    exit_code = 2

    def __init__(self, message: str, remedy: str = "", field: str = "") -> None:
        super().__init__(message, remedy)
        self.field = field


class NotFoundError(HearkenError):
    """The object asked for does not exist, or not for this person."""

    exit_code = 2


class NotAllowedError(HearkenError):
    """The person's role does not permit the action."""


class ConflictError(HearkenError):
    """Somebody else changed the object meanwhile; nothing was overwritten."""


class StorageError(HearkenError):
    """The disk is full or cannot be written; what was saved before stays saved."""
