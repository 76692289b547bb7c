"""What is written to somebody: kinds of messages and their texts, which hold the variables that a kind allows.

E-mail is not a secure mailbox: a message never says anything about a patient (domain notes, section 4). That is why the
texts are files that somebody can read and check, and not put together in code.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment
from pydantic import BaseModel, ConfigDict, Field, model_validator

Purpose: TypeAlias = Literal["campaigns", "publications", "newsletter", "alerts", "association", "issues", "events"]
"""What an address may be used for: quarterly questions, published lists, newsletters (*lettre d'information*), crisis
alerts, life of the association (convocations), answers to technical problems, events of the territory."""
PURPOSES: tuple[str, ...] = get_args(Purpose)

OwnerKind: TypeAlias = Literal["rpps", "finess", "partner"]
LONGEST_SUBJECT, LONGEST_TEXT = 200, 100_000
MOST_ATTACHED = 12_000_000
"""Bytes of all files of one message: written as mail they grow by a third, to what mail servers commonly take."""

# No HTML is made here; what would need escaping goes through markdown without raw HTML (newsletters).
_JINJA = SandboxedEnvironment(undefined=StrictUndefined, autoescape=False, keep_trailing_newline=False)


@dataclass(frozen=True)
class Attachment:
    """A file of `kit.blobs` under the name that the reader sees."""

    name: str
    blob: str
    media_type: str


@dataclass(frozen=True)
class Message:
    """What is said. `purpose` None: about the address itself, whatever its owner wants to be told.

    `unsubscribe`: the link by which its recipient wants no more of the kind.
    """

    kind: str
    purpose: Purpose | None
    subject: str
    text: str
    html: str | None = None
    attachments: tuple[Attachment, ...] = ()
    link: str | None = None
    unsubscribe: str | None = None


@dataclass(frozen=True)
class Recipient:
    """To whom. `email`: an address of a diffusion list, `id` is that address; else the owner of channels."""

    kind: OwnerKind | Literal["email"]
    id: str


class MessageKind(BaseModel):
    """One file of `deploy/reference/messages`: a kind of message, its text and the variables that it may hold."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str = Field(pattern=r"^[a-z][a-z_]{1,58}$")
    version: str
    purpose: Purpose | None
    variables: tuple[str, ...]
    subject: str
    text: str

    @model_validator(mode="after")
    def _renders(self) -> "MessageKind":
        """A text that names a variable which its kind does not allow is refused at start."""
        try:
            self.written({name: f"[{name}]" for name in self.variables})
        except TemplateError as error:
            raise ValueError(f"{type(error).__name__}: {error}") from None
        return self

    def written(self, variables: Mapping[str, Any], **rest: Any) -> Message:
        """The message with its variables filled in. Raises ValueError for a missing or a foreign variable."""
        if set(variables) != set(self.variables):
            raise ValueError(f"{self.kind} takes exactly {sorted(self.variables)}")
        subject = " ".join(_JINJA.from_string(self.subject).render(variables).split())
        text = _JINJA.from_string(self.text).render(variables)
        return Message(self.kind, self.purpose, subject[:LONGEST_SUBJECT], text, **rest)


MessageKinds: TypeAlias = Mapping[str, MessageKind]
