"""Secrets as chance makes them, and the lines that people put them in."""

from __future__ import annotations

import base64
import random
import re
import string
import tomllib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_SETS = {
    "a": string.ascii_letters + string.digits,
    "l": string.ascii_lowercase + string.digits,
    "u": string.ascii_uppercase + string.digits,
    "h": "0123456789abcdef",
    "d": string.digits,
    "w": string.ascii_letters + string.digits + "-_",
    "b": string.ascii_letters + string.digits + "+/",
    "t": string.ascii_uppercase + "234567",
}
_PIECE = re.compile(r"\{([aluhdwbt])(\d+)\}")
_FORMATS = tomllib.loads(Path(__file__).with_name("formats.toml").read_text(encoding="utf-8"))
_WORDS = [
    "winter",
    "summer",
    "dragon",
    "monkey",
    "falcon",
    "harbor",
    "copper",
    "violet",
    "marble",
    "canyon",
    "tiger",
    "ocean",
]

# What people write around a secret, by language, where its own format has to tell what it is.
_NEUTRAL = {
    "python": (
        'client = connect("{}")',
        "VALUE = '{}'  # from the console",
        'items.append(("x", "{}"))',
        'headers = {{"X-Id": "{}"}}',
        "# was {} until May",
    ),
    "javascript": (
        "const client = new Client('{}');",
        'export default {{ value: "{}", retries: 3 }};',
        "fetch(`https://api.example.org/v1/items?k={}`);",
        "// {}",
    ),
    "c": ('static const char *value = "{}";', '#define VALUE "{}"', 'call("{}", 0);'),
    "yaml": ("value: {}", '  - "{}"', "args: [--id, {}]"),
    "json": ('  "value": "{}",', '  ["{}"],'),
    "shell": ("export VALUE={}", "curl -H 'X-Id: {}' https://api.example.org/", 'VALUE="{}"'),
}
# Where the name tells it.
_NAMED = {
    "python": ('{name} = "{}"', "    {name}='{}',", 'os.environ["{upper}"] = "{}"'),
    "javascript": ('const {camel} = "{}";', "  {camel}: '{}',", '"{name}": "{}",'),
    "c": ('static const char *{name} = "{}";', '#define {upper} "{}"', 'config.{name} = "{}";'),
    "yaml": ('{name}: "{}"', "  {name}: '{}'", "{name}: {}"),
    "json": ('  "{name}": "{}",', '  "{camel}": "{}",'),
    "shell": ('export {upper}="{}"', "{upper}={}", "export {upper}='{}'"),
}
_PASSWORD_NAMES = ("password", "db_password", "admin_passwd", "smtp_pwd", "root_password", "secret")
_KEY_NAMES = (
    *("api_key", "auth_token", "access_token", "client_secret", "signing_key", "secret_key"),
    *("encryption_key", "service_token", "app_secret", "private_key", "webhook_secret", "apikey"),
)
_PLAIN_NAMES = ("value", "config", "data", "ident", "seed", "salt", "reference", "handle", "code")


@dataclass(frozen=True, slots=True)
class Plant:
    """A secret and what it is written in.

    Attributes:
        kind: what it is called in the results.
        known: its format says what it is, without a telling name.
        lines: what is put into the code.
        parts: what must not be left over.
    """

    kind: str
    known: bool
    lines: str
    parts: tuple[str, ...]


def plants(language: str, chance: random.Random, count: int) -> Iterator[Plant]:
    """So many secrets for code in a language: two of three in known formats."""
    ways = (_password, _key, _nameless, _environment, _header)
    for number in range(count):
        if number % 3 == 2:
            yield ways[(number // 3) % len(ways)](language, chance)
        elif number % 9 == 0:
            yield _private_key(language, chance)
        elif number % 9 == 4:
            yield _connection(language, chance)
        else:
            yield _issued(language, chance)


def _issued(language: str, chance: random.Random) -> Plant:
    kind = chance.choice(sorted(_FORMATS))
    secret, parts = _filled(_FORMATS[kind], chance)
    line = chance.choice(_NEUTRAL[language]).format(secret)
    return Plant(kind, True, line, parts)


def _filled(template: str, chance: random.Random) -> tuple[str, tuple[str, ...]]:
    """A text by a template, and what of it chance made."""
    parts = []

    def fill(match: re.Match[str]) -> str:
        parts.append("".join(chance.choices(_SETS[match[1]], k=int(match[2]))))
        return parts[-1]

    return _PIECE.sub(fill, template), tuple(each for each in parts if len(each) >= 8)


def _private_key(language: str, chance: random.Random) -> Plant:
    """A PEM block of random bytes, in one of the ways in which one is written into code."""
    name = chance.choice(("RSA ", "EC ", "", "OPENSSH ", "ENCRYPTED ", "DSA "))
    content = base64.b64encode(chance.randbytes(chance.choice((121, 609, 1191)))).decode("ascii")
    rows = [content[at : at + 64] for at in range(0, len(content), 64)]
    if chance.random() < 0.2:  # as far as a window shows it
        rows = rows[: max(1, len(rows) // 2)]
        ends = [""]
    else:
        ends = [f"-----END {name}PRIVATE KEY-----"]
    block = [f"-----BEGIN {name}PRIVATE KEY-----", *rows, *ends]
    if language == "json":
        text = '  "private_key": "' + "\\n".join(block) + '",'
    elif language in ("c", "javascript"):
        text = "\n".join(f'  "{each}\\n"' for each in block)
    else:
        text = "\n".join(('KEY = """' + block[0], *block[1:])) + '"""'
    return Plant("private_key", True, text, tuple(rows))


def _connection(language: str, chance: random.Random) -> Plant:
    password = _some_password(chance, url=True)
    key = base64.b64encode(chance.randbytes(64)).decode("ascii")
    host = f"db{chance.randrange(9)}.example.org"
    text, part = chance.choice(
        (
            (f"postgresql://app:{password}@{host}:5432/main", password),
            (f"mysql+pymysql://root:{password}@{host}/shop?charset=utf8", password),
            (f"mongodb+srv://app:{password}@{host}/?retryWrites=true", password),
            (f"redis://:{password}@{host}:6379/0", password),
            (f"amqps://worker:{password}@{host}/jobs", password),
            (f"https://deploy:{password}@git.example.org/team/app.git", password),
            (f"jdbc:postgresql://{host}/main?user=app&password={password}", password),
            (f"Server={host};Database=main;User Id=app;Password={password};", password),
            (f"Driver=ODBC;Server={host};UID=app;PWD={password};Encrypt=yes", password),
            (f"DefaultEndpointsProtocol=https;AccountName=app;AccountKey={key};x=1", key),
            (f"Endpoint=sb://{host}/;SharedAccessKeyName=Root;SharedAccessKey={key}", key),
        )
    )
    line = chance.choice(_NEUTRAL[language]).format(text)
    return Plant("connection_string", True, line, (part,))


def _password(language: str, chance: random.Random) -> Plant:
    password = _some_password(chance)
    return _in_name(language, chance, "password", _PASSWORD_NAMES, password)


def _key(language: str, chance: random.Random) -> Plant:
    return _in_name(language, chance, "named_key", _KEY_NAMES, _some_key(chance))


def _nameless(language: str, chance: random.Random) -> Plant:
    length = chance.choice((32, 40, 48, 64))
    value = _filled(f"{{a{length}}}", chance)[0]
    if chance.random() < 0.3:
        value = base64.b64encode(chance.randbytes(length * 3 // 4)).decode("ascii")
    return _in_name(language, chance, "nameless_key", _PLAIN_NAMES, value)


def _environment(_: str, chance: random.Random) -> Plant:
    name = chance.choice(("DB_PASSWORD", "SECRET_KEY", "API_TOKEN", "SMTP_PASS", "AUTH_SECRET"))
    password = "PASS" in name
    value = _some_password(chance, bare=True) if password else _some_key(chance)
    line = chance.choice(("{}={}", "export {}={}", "{}: {}", "ENV {} {}", '{}="{}"'))
    return Plant("environment", False, line.format(name, value), (value,))


def _header(_: str, chance: random.Random) -> Plant:
    token = _filled("{a40}", chance)[0]
    basic = base64.b64encode(f"app:{_some_password(chance)}".encode()).decode("ascii")
    line, part = chance.choice(
        (
            (f'"Authorization": "Bearer {token}",', token),
            (f"curl -H 'Authorization: Bearer {token}' https://api.example.org", token),
            (f'"Authorization": "Basic {basic}",', basic),
            (f"Authorization: token {token}", token),
            (f'headers["X-Api-Key"] = "{token}"', token),
        )
    )
    return Plant("header", False, line, (part,))


def _in_name(
    language: str, chance: random.Random, kind: str, names: tuple[str, ...], value: str
) -> Plant:
    name = chance.choice(names)
    first, *rest = name.split("_")
    camel = first + "".join(map(str.capitalize, rest))
    template = chance.choice(_NAMED[language])
    line = template.format(value, name=name, upper=name.upper(), camel=camel)
    return Plant(kind, False, line, (value,))


def _some_password(chance: random.Random, *, url: bool = False, bare: bool = False) -> str:
    """As people and password stores make them."""
    word, other = chance.sample(_WORDS, 2)
    marks = "!" if bare else "!$" if url else "!@#%&*"
    way = chance.randrange(4)
    if way == 0:
        return f"{word.capitalize()}{chance.randrange(1950, 2026)}{chance.choice(marks)}"
    if way == 1:
        return f"{word}-{other}-{chance.randrange(100, 9999)}"
    characters = _SETS["a"] + ("" if way == 2 else marks)
    return "".join(chance.choices(characters, k=chance.randrange(10, 24)))


def _some_key(chance: random.Random) -> str:
    way = chance.randrange(5)
    if way == 0:
        return str(uuid.UUID(bytes=chance.randbytes(16), version=4))
    if way == 1:
        return base64.b64encode(chance.randbytes(chance.choice((24, 33, 48)))).decode("ascii")
    if way == 2:
        return chance.randbytes(chance.choice((16, 20, 32))).hex()
    return _filled(f"{{a{chance.choice((24, 32, 40, 64))}}}", chance)[0]
