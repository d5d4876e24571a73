"""Slack: the cards as Block Kit, a messenger, and an app for what people press and type."""
