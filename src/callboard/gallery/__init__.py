"""Every message, form and Home that Callboard can show, made by its own code from examples: for review."""
