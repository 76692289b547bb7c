"""Kinds of notes of a liaison notebook (*cahier de liaison*), as data."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Writer = Literal["professional", "patient", "carer"]
"""Who writes a note, or reads a plan."""
KindCode = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,39}$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class NoteKind(_Part):
    """A kind of note. `event`: something that happened between two visits (*événement intercurrent*), to be seen soon.

    `plain` is the same in plain words, for the patient; kinds without it are for professionals only.
    """

    code: KindCode
    label: str = Field(min_length=1, max_length=120)
    plain: str | None = Field(default=None, max_length=200)
    event: bool = False
    advice: str | None = Field(default=None, max_length=400, description="What a patient who reports it reads first")


class Notebook(_Part):
    """The file `notebook.yaml`."""

    version: str = Field(min_length=1, max_length=40)
    validated_by: str | None
    kinds: tuple[NoteKind, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        codes = [it.code for it in self.kinds]
        if len(set(codes)) < len(codes):
            raise ValueError("kinds: a code is named twice")
        return self

    def kind(self, code: str, writer: Writer) -> NoteKind | None:
        """The kind of this code, where somebody of that sort may write it."""
        found = next((it for it in self.kinds if it.code == code), None)
        return found if found and (writer == "professional" or found.plain) else None
