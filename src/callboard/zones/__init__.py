"""Zones: which paths belong to which team, alone, jointly or by section.

owners: whose a path is: the last pattern that matches wins
patterns: path patterns, what they match, and whether they overlap or cover each other
sections: the parts of a file that belong to different teams
yaml_values: what stands in a file in YAML
paths: one spelling for each path, however it is written
codeowners: zones as a CODEOWNERS file, and read from one
"""

from callboard.capability import Capability
from callboard.zones.plan import ZONES

capability = Capability(name="zones", sections=(ZONES,))
