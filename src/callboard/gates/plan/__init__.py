"""The sections `measures` and `gates` of the plan file."""
