"""The sections `runbooks` and `rollbacks` of the plan file."""
