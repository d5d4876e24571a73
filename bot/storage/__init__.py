"""The database: tables, migrations, and the Store that the rest of the shell talks to."""
