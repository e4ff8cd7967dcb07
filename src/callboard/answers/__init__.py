"""Answers from outside Slack: the link in a page that went by mail or SMS, for one person and one page.

links: the signed token of a link, and what stands below such a page
letters: what was written for Slack, as it reads in a mail and on a web page
"""

from callboard.capability import Capability

capability = Capability(name="answers")
