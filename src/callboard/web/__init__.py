"""HTTP, and nothing of what Callboard is for: the web application, health and metrics."""
