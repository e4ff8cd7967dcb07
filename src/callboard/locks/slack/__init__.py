"""Locks in Slack.

wishes: what somebody wants to lock, as they typed it or filled it in, and what is answered
"""
