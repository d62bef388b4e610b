"""Puts the town into the rooms, through what the rooms let a person do."""
