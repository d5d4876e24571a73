"""The places posts are read from.

`experts.yaml` names a source by the name of its module here, or by the dotted path of a module of
the company's own. Either has three names in it:

- `Settings`: a frozen pydantic model of the keys below `watch:`, which refuses unknown ones;
- `SECRETS`: the environment variables it may be given, so that none has to stand in a file;
- `open_source(settings, secrets)`: returns a `Source`; raises `SettingsError` when a secret is
  missing.
"""
