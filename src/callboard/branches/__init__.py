"""Repositories and the branches of teams in them: mirrored, compared, and told of by GitHub and GitLab.

addresses: where repositories may be fetched from
git: the program, what it says has changed, and where branches left main
identities: who somebody is whom git names, and whose a branch is
merges: which branches git cannot merge, and both sides of that
radar: the clones on disk, each fetched and scanned when that is due
scan: one look at every branch and every two of them
statuses: the statuses that commits are given on GitHub and GitLab
"""

from callboard.branches import notices, store
from callboard.branches.plan import REPOSITORIES, look_anew
from callboard.capability import Capability
from callboard.plans.models import PlanChanging

capability = Capability(
    name="branches",
    notices=notices.NOTICES,
    sections=(REPOSITORIES,),
    sweeps=store.SWEEPS,
    subscriptions=((PlanChanging, look_anew),),
)
