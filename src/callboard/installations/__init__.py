"""Several Slack workspaces on one Callboard: each is installed by OAuth, and has a token of its own.

clients: one client for each workspace that is installed, made when it is needed and dropped when that ends
exchange: Slack's code for a token, and every way in which an installation comes to nothing
assembly: all of it together, where the settings have a client id
oauth: installations, and attempts to install, by the interfaces of slack_sdk
vault: seals tokens with the secret of the app, so that the database alone opens nothing
"""
