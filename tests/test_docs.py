"""What the docs say can be done."""

import re
from pathlib import Path

import pytest
from typer.main import get_command

from bot.cli import app
from bot.settings import Settings

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
COMMANDS = get_command(app).commands  # type: ignore[attr-defined]
DOCS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def fenced(text: str) -> list[str]:
    return re.findall(r"^```\w*\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)


def test_every_command_of_the_readme_exists_with_its_options() -> None:
    found = re.findall(r"direct-dial ([a-z]+)([^`\n]*)", "\n".join(fenced(README)))
    assert {name for name, _ in found} >= {"check", "route", "lookup", "migrate", "work", "serve"}
    for name, rest in found:
        options = {option for parameter in COMMANDS[name].params for option in parameter.opts}
        assert set(re.findall(r"--[a-z-]+", rest)) <= options, name


def test_every_command_is_in_the_readme() -> None:
    assert [name for name in COMMANDS if f"direct-dial {name}" not in README] == ["demo"]
    assert "make demo" in README


def test_make_has_what_the_docs_call() -> None:
    makefile = (ROOT / "Makefile").read_text()
    text = "\n".join(path.read_text() for path in DOCS)
    for target in set(re.findall(r"`?make ([a-z]+)`?", text)) - {"a", "an", "yours"}:
        if re.search(rf"(?:`|^|\s)make {target}(?:`|\s{{2,}}|$)", text, flags=re.MULTILINE):
            assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE), target


def test_the_procfile_runs_commands_that_exist() -> None:
    for line in (ROOT / "Procfile").read_text().splitlines():
        assert line.split(": direct-dial ")[1] in COMMANDS


def test_env_example_names_every_setting_and_no_other() -> None:
    text = (ROOT / ".env.example").read_text()
    named = set(re.findall(r"^#?([A-Z_]+)=", text, flags=re.MULTILINE))
    known = {name.upper() for name in Settings.model_fields}
    assert named == known | {"X_BEARER_TOKEN", "X_API_URL"}


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_links_within_the_project_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", path.read_text()):
        if not target.startswith(("http://", "https://")):
            assert (path.parent / target).exists(), target


def test_the_four_decisions_are_written_down() -> None:
    numbers = [path.name[:4] for path in sorted((ROOT / "docs" / "adr").glob("*.md"))]
    assert numbers[:4] == ["0001", "0002", "0003", "0004"]
