"""HTTP, and nothing of what Callboard is for.

app: the application and its routes
api: who asks by which token, once and within its limit
tokens, limits, replies: tokens of programs, how much they may ask, what they were answered
problems, openapi: refusals, and the API's description
fields, pages: what bodies hold, and long lists
health: readiness, and figures for Prometheus
address: where the application is reached from outside
"""
