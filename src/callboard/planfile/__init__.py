"""The language of plan files: what a file may say, what is wrong with it, how it is merged and written."""
