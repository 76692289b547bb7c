"""Questionnaires as data: what is asked, of whom, about what; whether answers fit, and the score they give."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from pathways.domain.activities import Code

Purpose = Literal["satisfaction", "needs"]
Subject = Literal["pathway", "session", "internship", "installation", "network"]
"""What a survey is about; `network` is working together on the territory."""
Respondent = Literal["patient", "carer", "professional", "student", "trainee", "host", "newcomer", "public"]
Answer = int | bool | str | tuple[str, ...]
Answers = Mapping[str, Answer]

LONGEST_TEXT = 2000
_FULL = 100


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Question(_Part):
    """One question. A `scale` goes from `lowest` to `highest`; `scored` answers make the score."""

    code: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    kind: Literal["scale", "yes_no", "choice", "choices", "text"]
    text: Annotated[str, Field(min_length=1, max_length=300)]
    required: bool = False
    scored: bool | None = None
    lowest: int = Field(default=1, ge=0, le=10)
    highest: int = Field(default=5, ge=1, le=10)
    low: str | None = None
    high: str | None = None
    options: dict[Code, str] = {}

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        if bool(self.options) is not (self.kind in ("choice", "choices")):
            raise ValueError("options: of a choice, and only there")
        if self.lowest >= self.highest:
            raise ValueError("highest: above lowest")
        if self.scored and self.kind not in ("scale", "yes_no"):
            raise ValueError("scored: a scale or a yes-or-no")
        return self

    @property
    def counts(self) -> bool:
        """Whether its answer is part of the score: that of a scale is, unless it says no."""
        return self.kind == "scale" if self.scored is None else self.scored

    def fault(self, answer: Answer) -> str | None:
        """What is wrong with an answer, in words for the page; None when it fits."""
        if self.kind == "scale":
            fits = type(answer) is int and self.lowest <= answer <= self.highest
            return None if fits else f"Un nombre de {self.lowest} à {self.highest}."
        if self.kind == "yes_no":
            return None if isinstance(answer, bool) else "Oui ou non."
        if self.kind == "choice":
            return None if isinstance(answer, str) and answer in self.options else "L'une des réponses proposées."
        if self.kind == "choices":
            fits = isinstance(answer, tuple) and set(answer) <= set(self.options) and len(set(answer)) == len(answer)
            return None if fits else "Parmi les réponses proposées."
        fits = isinstance(answer, str) and len(answer) <= LONGEST_TEXT and "\0" not in answer
        return None if fits else f"{LONGEST_TEXT} caractères au plus."

    def points(self, answer: Answer) -> float:
        """From 0 to 100."""
        if isinstance(answer, bool):
            return _FULL if answer else 0
        assert isinstance(answer, int)  # noqa: S101 - only scales and yes-or-no count
        return _FULL * (answer - self.lowest) / (self.highest - self.lowest)


class Questionnaire(_Part):
    """A questionnaire (`deploy/reference/questionnaires/<id>.yaml`). Fewer than `min_answers` are shown to nobody."""

    id: Code
    version: Annotated[str, Field(min_length=1, max_length=40)]
    label: Annotated[str, Field(min_length=1, max_length=120)]
    validated_by: str | None
    purpose: Purpose
    about: tuple[Subject, ...] = Field(min_length=1)
    respondents: tuple[Respondent, ...] = Field(min_length=1)
    min_answers: int = Field(default=5, ge=1, le=100)
    questions: tuple[Question, ...] = Field(min_length=1, max_length=60)

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        codes = [question.code for question in self.questions]
        if twice := sorted({code for code in codes if codes.count(code) > 1}):
            raise ValueError(f"questions: {twice[0]!r} is asked twice")
        if self.purpose == "satisfaction" and not any(question.counts for question in self.questions):
            raise ValueError("questions: satisfaction needs one that is scored")
        return self

    def faults(self, answers: Answers) -> Iterator[tuple[str, str]]:
        """What does not fit: the code of the question, and why."""
        known = {question.code: question for question in self.questions}
        yield from ((code, "Question inconnue.") for code in answers if code not in known)
        for code, question in known.items():
            if code in answers and (fault := question.fault(answers[code])):
                yield code, fault
            elif question.required and code not in answers:
                yield code, "Une réponse est attendue."

    def score(self, answers: Answers) -> int | None:
        """The mean of the scored answers, from 0 to 100; None when none was given, and for needs."""
        if self.purpose != "satisfaction":
            return None
        points = [it.points(answers[it.code]) for it in self.questions if it.counts and it.code in answers]
        return round(sum(points) / len(points)) if points else None

    def counted(self, several: Sequence[Answers]) -> dict[str, dict[str, int]]:
        """How often each answer was given, by question; texts are not counted."""
        found: dict[str, dict[str, int]] = {}
        for question in self.questions:
            if question.kind != "text":
                found[question.code] = _counts(question, [it[question.code] for it in several if question.code in it])
        return found


def _counts(question: Question, given: Sequence[Answer]) -> dict[str, int]:
    if question.kind == "scale":
        counts = {str(value): 0 for value in range(question.lowest, question.highest + 1)}
    else:
        counts = dict.fromkeys(("yes", "no") if question.kind == "yes_no" else question.options, 0)
    for answer in given:
        for one in answer if isinstance(answer, (tuple, list)) else (answer,):
            counts[("yes" if one else "no") if isinstance(one, bool) else str(one)] += 1
    return counts
