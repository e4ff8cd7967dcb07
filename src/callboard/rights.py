"""Who may do what: one table of every verb, with the buttons, forms and routes that do the same.

The sentences for whoever may not are in each capability's `rights`. A test plays the table against the bot.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

WHO = {
    "member": "works in the team that it concerns",
    "other": "works in another team",
    "lead": "leads the team that it concerns",
    "coordinator": "coordinates the plan",
    "stakeholder": "follows it, is in no team and has no other role",
    "executive": "has that role, and nobody has paged them",
    "observer": "follows it, whatever team they are in",
    "reporter": "raised it, or asked for it, even as a stakeholder",
    "holder": "has it, whose it is, or whom the plan asks; from another team",
    "paged": "was paged for it, even as an executive",
    "deputy": "stands in for the lead, who is away",
}
"""Those whom the table speaks of. Whoever is several of them may do what any of them may; strangers may do nothing."""
LETTERS = dict(zip("MOLCSEBRHPD", WHO, strict=True))
ALL = "MOLCSEBRHPD"


@dataclass(frozen=True)
class Right:
    """A slash verb, what does the same, and who may: letters of `LETTERS`. `note` says what the letters can't."""

    verb: str
    also: str
    may: str
    note: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """All by which it is found: `/blocker ack`, `button blocker.ack`, `POST /blockers/{number}/acknowledge`."""
        return tuple(filter(None, (self.verb, *self.also.split(", "))))

    def allows(self, who: str) -> bool:
        """Whether somebody may, by a word of `WHO`."""
        return any(LETTERS[letter] == who for letter in self.may)


TABLE = (
    # plans
    Right("/plan", "/plan status, /plan kpi, /plan chart, /plan closing, GET /kpis, GET /kpis/{figure}, /plan people, "
          "/plan triggers, /plan alerts, /plan forecast, /plan show, /plan move, /plan versions, /plan mine, GET /, "
          "event app_home_opened, button home.plan", ALL),
    Right("/plan board", "button board.open", ALL, "what to type in Slack is shown to all but those who only follow"),
    Right("/plan calendar", "GET /calendar/{secret}.ics", ALL, "a calendar of one's own; a team's for its people"),
    Right("/plan test", "", "LC", "to oneself: everybody in the plan"),
    Right("", "button plan.got", "P", "whom the test page was for"),
    Right("/plan away", "/plan back, /standup away, /standup back", "LC",
          "of oneself: everybody in the plan. No deputy says it for whom they would act then"),
    Right("/plan oncall", "", "LCHD", "to see it: everybody. Who takes turns takes one over; who has it, leads and "
          "coordinators give it to others"),
    Right("/plan contacts", "", ALL, "mail and telephone: all but those who only follow the plan"),
    Right("/plan preflight", "", "C", "to see it: everybody; `got`: whom the test page was for; who stands in"),
    Right("", "button preflight.got", "P", "whom the test page was for"),
    Right("/plan lesson", "/plan lessons, /plan kudos", ALL,
          "to withdraw: whoever wrote it, and coordinators; kudos to oneself or one's own team: nobody"),
    Right("/plan award", "button award.give", "C", "leads of other teams, too; to list: everybody"),
    Right("/plan retro", "button retro.answer, modal retro.answer, button retro.line", "H",
          "whoever was asked; tasks and lessons: coordinators and who leads it, too; to read: everybody"),
    Right("/plan lift", "/plan retry", "C", "who stands in"),
    Right("/plan set", "/plan unset", "LC", "leads: what gives nobody a right; coordinators: all but their own rights"),
    Right("/plan shift", "button plan.shift", "C", "who stands in"),
    Right("/plan rehearse", "", "LC"),
    Right("", "modal plan.hand_in, modal plan.agree, shortcut plan.from_message", "C",
          "all but rights of their own; a new plan: whom `CALLBOARD_PLAN_STARTERS` names"),
    Right("/plan apply", "", ALL, "opens the form; who may hand in is asked then"),
    # blockers
    Right("/blocker", "/blocker raise, modal blocker.raise, shortcut blocker.raise, POST /blockers", ALL),
    Right("/blocker show", "/blocker list, /blocker mine, shortcut blocker.act, GET /blockers, GET /blockers/{number}",
          ALL),
    Right("/blocker ack", "button blocker.ack, POST /blockers/{number}/acknowledge", "MOLCEHPD"),
    Right("/blocker unack", "button blocker.unack", "MLCHD"),
    Right("/blocker resolve", "button blocker.resolve, modal blocker.resolve, POST /blockers/{number}/resolve",
          "MLCRHPD"),
    Right("/blocker snooze", "", "MLCHPD"),
    Right("/blocker severity", "modal blocker.severity, POST /blockers/{number}/severity", "MLCRHPD"),
    Right("/blocker escalate", "button blocker.escalate", "MOLCEHPD"),
    Right("/blocker reassign", "modal blocker.reassign", "MLCRHPD", "to nobody who only follows the plan"),
    Right("/blocker note", "modal blocker.note, event message", "MOLCERHPD",
          "what others write in its thread does not count as news"),
    Right("", "button blocker.more", "MLCRHPD", "a menu: as what is chosen"),
    Right("/blocker reopen", "button blocker.reopen", "MLCRHD"),
    Right("/blocker withdraw", "", "LCRD"),
    Right("/blocker propose", "", ALL),
    Right("/blocker accept", "/blocker reject, button blocker.accept, button blocker.reject, modal blocker.reject", "H",
          "holder: whom the plan lets vote; their deputies while they are away"),
    Right("/blocker unpropose", "", "LCRD"),
    # tasks
    Right("/task", "/task show, /task mine, /task waiting, /task list, /task add, /task unblock, /task due, "
          "GET /tasks, GET /tasks/{key}", ALL),
    Right("/task claim", "button task.claim, POST /tasks/{key}/claim", "MLC", "while nobody has it"),
    Right("/task start", "button task.start, POST /tasks/{key}/start", "LCH", "its team too, while nobody has it"),
    Right("/task progress", "button task.progress, modal task.progress, POST /tasks/{key}/progress", "LCH",
          "its team too, while nobody has it"),
    Right("/task complete", "button task.complete, modal task.complete, POST /tasks/{key}/complete", "LCH",
          "its team too, while nobody has it"),
    Right("/task tick", "/task untick, modal task.tick, POST /tasks/{key}/ticks", "LCH",
          "its team too, while nobody has it"),
    Right("/task spent", "", "LCH", "its team too, while nobody has it"),
    Right("/task reopen", "button task.reopen", "LCH", "whoever completed it, too"),
    Right("/task block", "button task.block, modal task.block", "MLCH"),
    Right("/task note", "/task files, modal task.note, button task.more", "MLCH"),
    Right("/task point", "", "MLC", "the team of the point, and leads of the task"),
    Right("/task assign", "modal task.assign", "LCH", "to nobody who only follows the plan"),
    Right("/task release", "", "H"),
    Right("/task drop", "modal task.drop", "LC"),
    Right("/task override", "", "C", "who stands in"),
    # jobs
    Right("", "GET /jobs, GET /jobs/{number}, GET /task-types, GET /task-types/{name}", ALL),
    Right("", "POST /jobs, POST /jobs/claims, PUT /task-types/{name}", "MOLCEHPD"),
    Right("", "POST /jobs/{number}/heartbeat, POST /jobs/{number}/complete, POST /jobs/{number}/fail", "H",
          "whose token has claimed it"),
    # locks and conflicts
    Right("/lock", "/lock wait, modal lock.ask, button lock.anyway, button lock.line", "MLC",
          "of a path in a zone; of what is nobody's: everybody who is in a team"),
    Right("/lock show", "/lock who, /lock list, /lock mine, /lock conflicts, /lock plan", ALL),
    Right("/lock release", "/lock renew, /lock take, button lock.release, button lock.take, button lock.keep, "
          "modal lock.keep", "H"),
    Right("/lock hand", "modal lock.hand, button lock.more", "LCHD", "a menu: as what is chosen"),
    Right("/lock agree", "/lock decline, button lock.agree, button lock.decline, modal lock.decline", "ML",
          "the other team of a joint path"),
    Right("/lock break", "modal lock.break", "LCD"),
    Right("/lock allow", "", "LC"),
    Right("/lock token", "", ALL, "a token of one's own: it may what its person may"),
    Right("", "POST /locks/checks, POST /locks/unchecked", ALL, "programs that guard a repository, by their token"),
    Right("/lock decide", "button conflict.decide, modal conflict.decide", "LC",
          "about complex and critical conflicts: coordinators, who stands in, and executives who were paged"),
    Right("/lock merge", "button conflict.merge", "MLCH", "leads and coordinators; whoever else it concerns asks them"),
    Right("", "button conflict.talk, button conflict.rebase, button conflict.fine, button conflict.reopen, "
          "button conflict.useful, button conflict.useless", "MLCH", "the teams and people of its branches"),
    # gates and freezes
    Right("/gate", "/gate show, /gate history, /gate list, /gate mine, /gate due, /gate freezes, /gate ask, "
          "button gate.show, button gate.ask, GET /gates, GET /gates/{key}", ALL),
    Right("/gate tick", "/gate untick, modal gate.tick, button gate.tick, POST /gates/{key}/ticks", "MOLCEHPD",
          "where the plan names who ticks it: only they, and their deputies"),
    Right("/gate report", "POST /gates/{key}/reports", "MOLCEHPD", "where the plan names who reports it: only they"),
    Right("/gate sign", "/gate reject, button gate.sign, button gate.reject, modal gate.sign, modal gate.reject, "
          "button gate.go, button gate.go_if, button gate.no_go, modal gate.go_if", "LD",
          "whom the plan asks to sign, here the lead; deputies while they are away, or once it is handed to them"),
    Right("/gate hand", "", "L", "whom the plan asks to sign, here the lead"),
    Right("/gate withdraw", "button gate.more", "L", "whoever has signed, here the lead"),
    Right("/gate waive", "modal gate.waive", "C", "who stands in"),
    Right("/gate ack", "button gate.ack", "MOLCEHPD"),
    Right("/gate exception", "modal gate.exception", ALL),
    Right("/gate grant", "/gate deny, button gate.grant, button gate.deny, modal gate.deny", "C",
          "whom the plan asks to sign, here the coordinator; not whoever asked for it"),
    # standups, checkpoints, status requests, meetings
    Right("/standup", "/standup skip, button standup.fill, button standup.skip, button standup.raise, "
          "modal standup.submit, modal standup.skip", "MOLH", "whom the plan asks, each for themselves"),
    Right("/standup show", "/standup stats", ALL),
    Right("/checkpoint", "/checkpoint list, /checkpoint show", ALL),
    Right("/checkpoint run", "", "LC"),
    Right("", "button checkpoint.on_it, button checkpoint.help, button checkpoint.blocker, button checkpoint.answer, "
          "modal checkpoint.answer, modal checkpoint.blocker", "LCP", "whoever was asked, and leads of the teams"),
    Right("", "button status.as_planned, button status.behind, button status.percent, button status.blocked, "
          "modal status.blocked", "P", "whoever was asked"),
    Right("/meeting", "/meeting list, /meeting show, /meeting lessons", ALL),
    Right("/meeting record", "button meeting.record, modal meeting.record", "CH", "holder: whoever takes part"),
    # run-books
    Right("/run", "/run list, /run show, /run review, GET /runs, GET /runs/{run}", ALL),
    Right("/run confirm", "button run.confirm, POST /runs/{run}/steps/{step}/confirm", "MLCD",
          "where the plan names who confirms: only they; a rollback: a second person who did not call it"),
    Right("/run start", "button run.start, POST /runs/{run}/steps/{step}/start", "LCD",
          "a run-book: leads of its first steps; a step: all of the team that leads it"),
    Right("/run delay", "/run skip, /run fail, /run back, /run items, /run hand, button run.delay, button run.fail, "
          "button run.items, modal run.delay, modal run.fail, modal run.items, POST /runs/{run}/steps/{step}/fail",
          "MLCD", "whoever leads the step or helps with it"),
    Right("/run ack", "button run.ack", "MLCPD"),
    Right("/run stop", "button run.stop, modal run.stop", "C",
          "a rollback that waits: who called it; a drill: leads; who stands in"),
    Right("/run drill", "", "LC", "leads of any team"),
    Right("/run rollback", "button run.agree", "C", "whom the plan names in `order`, here the coordinator"),
    Right("", "button run.save", "C"),
    # emergencies
    Right("/emergency", "/emergency declare, modal emergency.declare, POST /emergencies", ALL),
    Right("/emergency show", "/emergency list, /emergency report, button emergency.report, GET /emergencies, "
          "GET /emergencies/{number}, GET /emergencies/{number}/report", ALL),
    Right("/emergency take", "/emergency meet, button emergency.take", "MOLCEHPD"),
    Right("/emergency action", "/emergency untick, /emergency decide, /emergency lesson, button emergency.actions, "
          "modal emergency.actions, modal emergency.decide", "MOLCEHPD"),
    Right("/emergency update", "button emergency.update, modal emergency.update, "
          "POST /emergencies/{number}/updates", "CH", "holder: its commander or scribe"),
    Right("/emergency end", "/emergency level, button emergency.end, modal emergency.end, modal emergency.level, "
          "POST /emergencies/{number}/end", "CH", "holder: its commander; who stands in"),
    Right("/emergency reopen", "button emergency.reopen", "CRH",
          "holder: its commander, or whoever ended it; who stands in; within an hour"),
    Right("/emergency hand", "modal emergency.hand", "CH", "holder: its commander, or who has the role"),
    Right("/emergency withdraw", "modal emergency.withdraw", "CRH", "holder: its commander; who stands in"),
    Right("", "button emergency.more", ALL, "a menu: who may is asked when something is chosen"),
    # risks
    Right("/risk", "/risk list, /risk show", ALL),
    Right("/risk raise", "modal risk.raise", "MOLCEHPD"),
    Right("/risk rate", "/risk hand, /risk action, /risk happened, /risk emergency, /risk close, /risk reopen, "
          "button risk.task, button risk.happened, button risk.emergency, button risk.close, modal risk.emergency, "
          "modal risk.close", "CH", "holder: its owner, and whoever stands in while the owner is away"),
    Right("", "button risk.yes, button risk.no", "P", "whoever was asked"),
    # the board
    Right("", "GET /board", ALL),
    # heard from Slack and from forges
    Right("", "event member_joined_channel, event channel_unarchive, event group_unarchive, event channel_id_changed, "
          "event user_change, event message_deleted, event app_uninstalled, event tokens_revoked", ALL,
          "Slack says it"),
)  # fmt: skip


def missing(names: Iterable[str]) -> list[str]:
    """What has no line in the table, of commands, buttons, forms, shortcuts, events and routes."""
    known = {name for right in TABLE for name in right.names}
    return [name for name in names if name not in known]


def as_markdown() -> Iterator[str]:
    """The table as it stands in the documentation, line by line."""
    yield f"| verb | {' | '.join(WHO)} | note |"
    yield f"|---|{'---|' * (len(WHO) + 1)}"
    for right in TABLE:
        names = "<br>".join(f"`{name}`" for name in right.names)
        yield f"| {names} | {' | '.join('yes' if right.allows(who) else '' for who in WHO)} | {right.note} |"
