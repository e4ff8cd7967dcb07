"""What a plan file says of people, roles, teams and who is on call."""
