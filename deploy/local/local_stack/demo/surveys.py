"""Questionnaires that are answered in several chapters."""

from local_stack.demo.play import Play


async def ask(play: Play, *surveys: tuple[str, str, str, str | None]) -> None:
    """Each (questionnaire, what it is about, who answers, topic) is answered by an anonymous link."""
    for asked in surveys:
        await play.survey(*asked)
    lines = [
        f"{respondent}: {questionnaire}, {topic or subject}" for questionnaire, subject, respondent, topic in surveys
    ]
    play.say("Questionnaires are answered, by anonymous links", *lines)
