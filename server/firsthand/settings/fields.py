"""What each key of the configuration takes: its type and bounds, and words for people."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import PurePath
from typing import Annotated, Literal, get_args
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from firsthand.core.fim import TEMPLATES
from firsthand.core.pace import HOURS
from firsthand.settings.presets import Provider

PROVIDERS: tuple[Provider, ...] = get_args(Provider)
FORMS = ("auto", *TEMPLATES, "chat")


@dataclass(frozen=True, slots=True)
class Expect:
    """What a key takes, in words after "must be", and the values where they are few."""

    words: str
    values: tuple[str, ...] = ()


def _host(url: str) -> str:
    """A URL as it came.

    Raises:
        ValueError: it has no host, a port that is none, or a name and password.
    """
    parts = urlsplit(url)
    if not parts.hostname or parts.port == 0 or "@" in parts.netloc:
        raise ValueError("no plain host")
    return url


def _variable(name: str) -> str:
    """The name of an environment variable as it came.

    Raises:
        ValueError: it looks like a key: long, with small letters and digits.
    """
    if len(name) > 20 and any(map(str.islower, name)) and any(map(str.isdigit, name)):
        raise ValueError("looks like a key")
    return name


def _template(name: str) -> str:
    """The name of a template as it came.

    Raises:
        ValueError: there is no such template.
    """
    if name not in FORMS:
        raise ValueError("no such template")
    return name


def _folder(path: str) -> str:
    """The path of a folder as it came.

    Raises:
        ValueError: it depends on where Firsthand runs.
    """
    if not path.startswith("~") and not PurePath(path).is_absolute():
        raise ValueError("no absolute path")
    return path


def _command(line: str) -> str:
    """A command as it came.

    Raises:
        ValueError: it holds nothing, or a quote that is not closed.
    """
    if not shlex.split(line):
        raise ValueError("no command")
    return line


Switch = Expect("true or false")
Amount = Annotated[float, Field(ge=0, le=10_000)]
Price = Expect("a number of USD from 0 to 10000")
Usd = Annotated[float, Field(ge=0, le=1_000_000), Expect("a number of USD from 0 to 1000000")]
Word = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[\x21-\x7e]+$")]
# No line break of any kind: one pattern must not become two.
Pattern = Annotated[
    str, Field(min_length=1, max_length=500, pattern=r"^[^\x00-\x1f\x7f\x85\u2028\u2029]+$")
]

Folder = Annotated[str, Field(min_length=1, max_length=1000), AfterValidator(_folder)]
Command = Annotated[str, Field(min_length=1, max_length=2000), AfterValidator(_command)]

Enabled = Annotated[bool, Field(description="Whether inline completions are made."), Switch]
Trigger = Annotated[
    Literal["auto", "manual"],
    Field(description='"auto" completes while you type, "manual" only when you ask.'),
    Expect('"auto" or "manual"'),
]
Aggression = Annotated[
    float,
    Field(ge=0, le=1, description="How readily completions are shown: 0 silent, 1 eager."),
    Expect("a number from 0 to 1"),
]
MaxLines = Annotated[
    int,
    Field(ge=1, le=50, description="The most lines shown at once."),
    Expect("a whole number from 1 to 50"),
]
PatienceMs = Annotated[
    Literal["auto"] | Annotated[int, Field(ge=0, le=1000)],
    Field(
        description="Milliseconds a keystroke waits for a model's answer; "
        '"auto" follows the model\'s speed.'
    ),
    Expect('"auto" or a whole number of milliseconds from 0 to 1000'),
]
LanguagesOff = Annotated[
    list[Word],
    Field(
        description="Language ids, as your editor names them, that are completed only when you ask."
    ),
    Expect("a list of language ids in quotes"),
]
Embedded = Annotated[
    bool, Field(description="Whether the embedded model completes when no other does."), Switch
]
Marks = Annotated[
    bool,
    Field(
        description="Whether what a frontier model wrote is marked until you edit it, or say that "
        "you have read it."
    ),
    Switch,
]
Ignore = Annotated[
    list[Pattern],
    Field(
        description="Paths never read for completions, in the syntax of .gitignore, on top of "
        ".gitignore, .firsthandignore and the built-in sensitive paths."
    ),
    Expect("a list of patterns in quotes"),
]
ApiKeyEnv = Annotated[
    str,
    Field(
        max_length=64,
        pattern=r"^[A-Za-z_][A-Za-z0-9_]*$",
        description="The environment variable that holds the API key.",
    ),
    AfterValidator(_variable),
    Expect("the name of an environment variable (not the key itself)"),
]
_Url = Annotated[
    str,
    Field(
        max_length=2000,
        pattern=r'^https?://[!-"$->@-\[\]-~]+$',  # printable ASCII without # ? and backslash
    ),
    AfterValidator(_host),
]
Url = Annotated[
    _Url | Annotated[list[_Url], Field(min_length=1, max_length=16)],
    Field(
        description="Where the server answers, without a query, name or password. A list names "
        "several servers of the same model, among which the work is spread."
    ),
    Expect("an http:// or https:// URL without a query, name or password, or a list of them"),
]

Fim = Annotated[
    str,
    Field(
        description='The template for filling in the middle; "auto" finds it by the model, '
        '"chat" is for models that have none.',
        json_schema_extra={"enum": [*FORMS]},
    ),
    AfterValidator(_template),
    Expect('"auto" or the name of a template: ' + ", ".join((*TEMPLATES, "chat")), FORMS),
]


def _learned(entry: str) -> str:
    """A language id, "*", or the absolute path of a folder, as it came.

    Raises:
        ValueError: it is a path that depends on where Firsthand runs.
    """
    return _folder(entry) if "/" in entry or "\\" in entry else entry


Learning = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=1000), AfterValidator(_learned)]],
    Field(
        description="Where you want to write yourself: language ids, absolute paths of folders, or "
        '"*". There completions come when you pause or ask, and one line at a time.'
    ),
    Expect('a list of language ids, absolute paths of folders, or "*", in quotes'),
]
LearningPause = Annotated[
    float,
    Field(
        ge=0,
        le=600,
        description="Seconds without a key after which a completion comes where you learn; "
        "0 waits until you ask.",
    ),
    Expect("a number of seconds from 0 to 600"),
]
QuietHours = Annotated[
    list[Annotated[str, Field(pattern=f"^{HOURS}$")]],
    Field(description="Times of the day in which nothing completes unless you ask."),
    Expect('a list of times such as "22:00-07:00"'),
]
