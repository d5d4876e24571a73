"""Alembic's folder: env.py, the template for new revisions, and versions/."""
