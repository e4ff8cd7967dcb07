"""Emergencies in pictures: declared, led, updated, late, over; their forms and the report."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from callboard.emergencies import due, service, store
from callboard.emergencies.notices import CARD, NEWS, PAGE, QUESTION
from callboard.emergencies.slack import commands, forms
from callboard.escalation.service import due_climbs
from callboard.gallery.stage import Screen, Stage
from callboard.slack.answers import Modal


def screens(stage: Stage) -> Iterator[Screen]:
    """One of level 1, from its first word to its report."""
    tx, (member, lead) = stage.tx, stage.cast()
    user = member.person.slack_id
    yield stage.answered("emergency.declare", "To declare one", Modal(forms.declare_form(tx, member, None)))
    yield stage.typed(commands.command, user, "1 the database is gone", "Whoever declares one")
    (row,) = store.open_in(tx, stage.plan_id)
    yield stage.sent(CARD.kind, "Nobody has command yet", row.subject)
    yield stage.told(PAGE.kind, "Whoever is told", address=lead.person.slack_id)
    stage.later(timedelta(minutes=6), due.emergencies, due_climbs)
    yield stage.sent(CARD.kind, "Nobody has taken command in time", row.subject)
    service.take(tx, lead, row.number)
    service.take(tx, member, row.number, "scribe")
    yield stage.typed(commands.command, lead.person.slack_id, f"take {row.number} liaison", "A role is taken")
    service.tick(tx, member, row.number, 1)
    service.add_action(tx, member, row.number, "Call the vendor")
    service.decide(tx, lead, row.number, "We restore the backup of noon")
    stage.later(timedelta(minutes=15), due.emergencies)
    yield stage.told(QUESTION.kind, "The commander is asked for an update")
    service.update(tx, lead, row.number, "The backup is being restored")
    service.meet(tx, lead, row.number)
    stage.later(timedelta(minutes=20), due.emergencies)
    yield stage.sent(CARD.kind, "It is led, and late", row.subject)
    for id, title, form in (  # noqa: A001 - as in Screen
        ("emergency.update", "To post an update", forms.update_form(row)),
        ("emergency.actions", "To tick actions and add some", forms.actions_form(row)),
        ("emergency.decide", "To record a decision", forms.decide_form(row)),
        ("emergency.level", "To change the level", forms.level_form(tx, row)),
        ("emergency.hand", "To hand a role over", forms.hand_form(row)),
        ("emergency.withdraw", "A false alarm", forms.withdraw_form(row)),
        ("emergency.end", "To end it", forms.end_form(row)),
    ):
        yield stage.answered(id, title, Modal(form))
    service.end(tx, lead, row.number, "A full disk. We emptied it and restored the backup.", ["Watch the disk"])
    yield stage.sent(CARD.kind, "It is over", row.subject, posted_as="1.0")
    yield stage.told(NEWS.kind, "Whoever was told hears that it is over", verb="ended")
    yield stage.typed(commands.command, user, f"report {row.number}", "Its report")
    yield stage.typed(commands.command, user, "2 sign-in is slow", "Another one")
    yield stage.typed(commands.command, user, "withdraw", "It was a false alarm")
    yield stage.told(NEWS.kind, "Whoever was told hears that it was a false alarm", verb="withdrew")
    yield stage.typed(commands.command, user, "list", "All of them")
