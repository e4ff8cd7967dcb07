"""Repositories and the branches of teams in them: mirrored, compared, and told of by forges.

forges: what Callboard says on GitHub and GitLab, the status of a commit
identities: who somebody is whom git names, and whose a branch is
mirror: clones on disk, fetched, read and compared with git
"""

from callboard.branches import notices
from callboard.branches.plan import REPOSITORIES
from callboard.capability import Capability

capability = Capability(
    name="branches",
    renderers=notices.renderers,
    sections=(REPOSITORIES,),
)
