"""The core: what a post is about, who should answer it, and what they may say.

Pure: values in, values out. No network, no database, no clock, no environment, no logging.
"""
