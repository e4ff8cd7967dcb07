"""Gates: criteria, measures and sign-offs, the go/no-go, and freezes."""

from callboard.capability import Capability

capability = Capability(name="gates", sections=())
