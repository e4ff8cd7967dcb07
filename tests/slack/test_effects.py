"""Every button and menu has an effect that is seen: its message changes, something opens, or an answer comes."""

from __future__ import annotations

from tests.slack.test_suggestions import MANY
from tests.world import PLAN, World, until

DATABASES = ("sqlite",)  # what people see
ASKING = """\
cadences:
  - {name: Progress, every: 1h, about: {team: omega}, who: [assignees]}
"""
PEOPLE = ("pa", "olga", "amp", "sara")
SAID = (
    ("pa", "/task start O-1"), ("pb", "/lock staging for a load test"), ("pa", "/lock wait staging for a demo"),
    ("pb", "/blocker mongo refuses TLS with every client since noon"), ("olga", "/plan test"),
)  # fmt: skip
SHOWN = (
    ("pa", "/task"), ("olga", "/task show O-1"), ("amp", "/gate show tested"), ("olga", "/gate show shipped"),
    ("pa", "/lock show 2"), ("pb", "/lock show 1"), ("olga", "/lock release src/x.py"), ("pa", "/lock all"),
    ("olga", "/lock staging for a fix"), ("sara", "/meeting show Kick-off"), ("pa", "/plan shift 1d because so"),
    ("amp", "/plan shift 1d because so"), ("pa", "/blocker show 1"), ("amp", "/task lst"),
)  # fmt: skip


async def test_effects_of_every_button_and_menu_are_seen_by_whoever_uses_it(database_url):
    async with World(database_url, PLAN + MANY + ASKING) as world:
        for person, typed in SAID:
            await world.says(person, typed)
        await world.until("2025-11-13 11:05")
        answers = [(await world.says(*shown)).messages for shown in SHOWN]
        used: set[tuple[str, ...]] = set()
        for person in PEOPLE:
            own = world.slack.who(person).id
            every = [*_all(world, person), *(message for answer in answers for message in answer)]
            for message in [one for one in every if one.only_for in (None, own)]:
                for action, label in [*_actions(message.blocks)]:
                    if (person, action, label) not in used and (action, label) in _actions(message.blocks):
                        used.add((person, action, label))
                        await _has_an_effect(world, person, message, action, label)
        assert len({action for _, action, _ in used}) > 20, sorted({action for _, action, _ in used})


async def _has_an_effect(world, person, message, action, label) -> None:
    before = {one.ts: one.shown for one in _all(world, person)}
    outcome = await world.slack.click(person, message.channel, message.ts, action, value=label)
    await world.advance(seconds=1)

    def is_seen() -> bool:
        now = {one.ts: one.shown for one in _all(world, person)}
        return bool(outcome.messages or world.slack.views(person)) or now != before

    try:
        await until(is_seen, 1.0)
    except TimeoutError:
        raise AssertionError(f"{person} used {action} ({label}) and saw nothing: {message.shown}") from None
    said = [outcome.text, *(view.shown for view in world.slack.views(person))]
    assert not any("Something went wrong" in words for words in said), (action, label, said)
    while world.slack.views(person):
        await world.slack.close_view(person)


def _all(world, person):
    return [*world.slack.dm(person), *world.slack.messages("omega"), *world.slack.messages("release")]


def _actions(blocks):
    """The action id of every button and menu; of a menu once for each of its choices."""
    for block in blocks:
        for element in [*block.get("elements", ()), *filter(None, [block.get("accessory")])]:
            if element.get("type") == "button" and not element.get("url"):
                yield element["action_id"], None
            for option in element.get("options", ()) if element.get("type") in ("overflow", "static_select") else ():
                yield element["action_id"], option["text"]["text"]


async def test_effects_of_forms_that_an_answer_opened_are_seen_in_place_of_the_form(database_url):
    async with World(database_url, PLAN + MANY) as world:
        await world.says("pb", "/blocker mongo refuses TLS with every client since noon")
        answer = (await world.says("olga", "/blocker show 1")).messages[-1]
        await world.clicks("olga", "blocker.more", answer, value="Add a note")
        await world.opened("olga")
        assert "Blocker 1" in await world.submits("olga", {"note": "asked the provider"})
        await world.clicks("olga", "blocker.more", world.dm("olga").expect("Blocker 1"), value="Add a note")
        await world.opened("olga")
        assert "Blocker 1" not in await world.submits("olga", {"note": "asked them again"})
