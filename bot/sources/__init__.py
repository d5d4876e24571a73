"""The places posts are read from.

`experts.yaml` names a source by the name of its module here, or by the dotted path of a module of
the company's own. Either has these names in it:

- `Settings`: a frozen pydantic model of the keys below `watch:`, which refuses unknown ones;
- `SECRETS`: the environment variables it may be given, so that none has to stand in a file;
- `MAY_TRAIN`: whether the rules of the platform allow training a model on its posts; without it
  they aren't. A source whose posts are allowed for some companies only can have `may_train` in its
  `Settings`, which may turn it off. What people do with a post is kept either way;
- `open_source(settings, secrets)`: returns a `Source`; raises `SettingsError` when a secret is
  missing.
"""
