"""What is blanked out, what is not, and what holds for any text.

No secret stands here in one piece: tools that look for leaked ones would find it.
"""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firsthand.core.redact import PLACEHOLDER, Finding, redact

_LETTERS = "aB3dE5gH7jK9mN1pQ2sT4vW6yZ8bC0fG"
_LOWER = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
_UPPER = "A2B3C4D5E6F7G2H3"
_LONG = _LETTERS * 3
_BASE64 = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC" * 2

SECRETS = [
    "gh" + "p_" + _LETTERS + "aB3d",
    "github" + "_pat_" + _LETTERS,
    "gl" + "pat-" + _LETTERS[:20],
    "AK" + "IA" + _UPPER,
    "xo" + "xb-123456789012-" + _LETTERS,
    "s" + "k_live_" + _LETTERS,
    "wh" + "sec_" + _LETTERS,
    "AI" + "za" + _LETTERS + "abc",
    "ya" + "29." + _LETTERS,
    "s" + "k-ant-api03-" + _LONG,
    "s" + "k-proj-" + _LONG,
    "ey" + "J" + _LETTERS + ".ey" + "J" + _LETTERS + "." + _LETTERS,
    "np" + "m_" + _LETTERS + "aB3d",
    "hf" + "_" + _LETTERS,
    "hv" + "s." + _LETTERS,
    "da" + "pi" + _LOWER,
]


def check(text: str, expect: str) -> None:
    """Secrets stand between « and » in the text; the placeholder is written «kind»."""
    redacted = redact(text.replace("«", "").replace("»", ""))
    assert redacted.text == expect.replace("«", "[REDACTED:").replace("»", "]")


@pytest.mark.parametrize("secret", SECRETS)
def test_known_formats_are_blanked_out_anywhere(secret: str) -> None:
    for around in ("{}", 'key = "{}"\n', "curl -H 'Authorization: Bearer {}' x", "a\n  - {}\nb"):
        redacted = redact(around.format(secret))
        assert secret[8:] not in redacted.text
        assert PLACEHOLDER.search(redacted.text)
        assert len(redacted.found) == 1


@pytest.mark.parametrize(
    ("text", "expect"),
    [
        ("postgres://ada:hunter22@db:5432/x", "postgres://ada:«password»@db:5432/x"),
        ("https://:hunter22@example.org", "https://:«password»@example.org"),
        ("redis://u:p@ss:w@host/0", "redis://u:«password»@host/0"),
        ("Server=db;Password=hunter22;User=ada", "Server=db;Password=«password»;User=ada"),
        ('password = "hunter22"', 'password = "«password»"'),
        ('"db_password": "hunter22",', '"db_password": "«password»",'),
        ("password: str = 'hunter22'", "password: str = '«password»'"),
        ("let dbPassword: string = `hunter22`;", "let dbPassword: string = `«password»`;"),
        (':password => "hunter22"', ':password => "«password»"'),
        ('if (pwd != "hunter22")', 'if (pwd != "«password»")'),
        ("<password>hunter22</password>", "<password>«password»</password>"),
        ('config["password"] = r"hunter22"', 'config["password"] = r"«password»"'),
        ("DB_PASS=hunter22!", "DB_PASS=«password»"),
        ("password: hunter!22\n", "password: «password»\n"),
        ("ENV DB_PASSWORD hunter!22", "ENV DB_PASSWORD «password»"),
        ('#define PASSWORD "hunter22"', '#define PASSWORD "«password»"'),
        ("jdbc:x://h/db?user=u&password=hunter22", "jdbc:x://h/db?user=u&password=«password»"),
        (f"Authorization: Bearer {_LETTERS}", "Authorization: Bearer «token»"),
        (f'seed = "{_LETTERS}"', 'seed = "«random»"'),
        (f"API_TOKEN={_LOWER}\nX=1", "API_TOKEN=«secret»\nX=1"),
        (f'apiKey: "{_LETTERS}"', 'apiKey: "«secret»"'),
        (f'client_secret = "{_LETTERS}"', 'client_secret = "«password»"'),
        (f"aws_secret_access_key = {_LETTERS}", "aws_secret_access_key = «password»"),
    ],
)
def test_values_with_a_telling_name_are_blanked_out(text: str, expect: str) -> None:
    check(text, expect)


@pytest.mark.parametrize(
    "text",
    [
        'password = ""',
        'password = "secret"',
        'password_field = "user_password"',
        'token = "access_token"',
        'TOKEN_URL = "https/oauth2/token"',
        'password = "${DB_PASSWORD}"',
        'password = "{password}"',
        'password = "<your password>"',
        'password = "%s"',
        'password = "********"',
        'f"postgres://{user}:{password}@{host}"',
        '"postgres://$USER:$PASSWORD@$HOST"',
        "http://localhost:8080/path@2x.png",
        "password = get_password()",
        "password=get_password();token=read2();",
        "def login(self, password: str, token: Token) -> None:",
        "token = request.headers2.get_header_value2",
        "secret = config.oauth2_client_secret_v2",
        ".sk-fading-circle-container { color: red }",
        "commit = '3f786850e387550fdab836ed7e6dc881de23001b'",
        "sha256 = '" + _LOWER * 2 + "'",
        'BEGIN = "-----BEGIN ' + 'PRIVATE KEY-----"\nEND = "-----END ' + 'PRIVATE KEY-----"\n',
        'if "-----BEGIN RSA ' + 'PRIVATE KEY-----" in text:\n    return text\n',
        "id = '3F2504E0-4F89-11D3-9A0C-0305E82C3301'",
        "password: Uint8Array\npwd: str\npassphrase: bytes | None\n",
        "bypass: first1pass2\n",
        "ENV KEY_FILE /etc/ssl/private\n",
        "integrity: sha512-" + _LETTERS * 2 + "==",
        '"AppConfigurationServiceV2Parameters"',
        "tokens = tokenizer.encode(text, max_length=16)",
        "AKIA is a prefix, ghp_ as well",
        "x" + "AK" + "IA" + _UPPER + "Y",
    ],
)
def test_code_is_left_alone(text: str) -> None:
    assert redact(text).text == text


def test_a_table_of_what_looks_random_is_data() -> None:
    def row(number: int) -> str:
        return f'"{number}.js": "{_LETTERS[number:]}{_LETTERS}",\n'

    table = "".join(map(row, range(5)))
    assert redact(table).text == table
    assert len(redact(row(0) + row(1)).found) == 2


def test_a_private_key_keeps_its_lines() -> None:
    body = "\n".join([_BASE64] * 3)
    for kind in ("", "RSA ", "OPENSSH ", "ENCRYPTED "):
        begin, end = (
            f"-----BEGIN {kind}PRIVATE " + "KEY-----",
            f"-----END {kind}PRIVATE " + "KEY-----",
        )
        redacted = redact(f"a\n{begin}\n{body}\n{end}\nb\n")
        assert redacted.text == f"a\n{begin}[REDACTED:private_key]\n\n\n\n{end}\nb\n"
        assert redacted.found == (Finding(1, "private_key"),)


def test_a_private_key_that_is_locked() -> None:
    begin, end = "-----BEGIN RSA PRIVATE " + "KEY-----", "-----END RSA PRIVATE " + "KEY-----"
    told = "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0A1B2C3D4E5F60718293A4B5C6D7E8F9"
    redacted = redact(f"{begin}\n{told}\n\n{_BASE64}\n{_BASE64}\n{end}\n")
    assert redacted.text.startswith(f"{begin}[REDACTED:private_key]")
    assert _BASE64[:24] not in redacted.text


def test_a_private_key_whose_end_is_missing() -> None:
    begin = "-----BEGIN PRIVATE " + "KEY-----"
    redacted = redact(f"{begin}\n{_BASE64}\n{_BASE64}\n\ndef f(): ...\n")
    assert redacted.text == f"{begin}[REDACTED:private_key]\n\n\n\ndef f(): ...\n"
    quoted = redact(f'KEY = "{begin}\\n{_BASE64}\\n{_BASE64}"\n')
    assert quoted.text == f'KEY = "{begin}[REDACTED:private_key]"\n'


def test_findings_name_the_line_and_never_the_secret() -> None:
    redacted = redact(f'a\r\nb\rpassword = "hunter22"\nx = "{SECRETS[0]}"\n')
    assert redacted.found == (Finding(2, "password"), Finding(3, "github_token"))
    assert redacted.text.count("\n") == 3
    assert redacted.text.count("\r") == 2


def test_nothing_found_is_the_same_text() -> None:
    text = "def f(x):\n    return x\n"
    assert redact(text).text is text
    assert redact("").found == ()


_PIECES = st.sampled_from(
    [
        *SECRETS,
        *(secret[: len(secret) // 2] for secret in SECRETS),
        "[REDACTED:password]",
        "[REDACTED:",
        "-----BEGIN PRIVATE " + "KEY-----",
        "-----END PRIVATE " + "KEY-----",
        *(
            "://",
            ":",
            "@",
            "u",
            "/",
            ";",
            "=",
            '"',
            "'",
            "`",
            " ",
            "\n",
            "\r\n",
            ">",
            "</",
            "-",
            "]",
        ),
        *("password", "api_key", "token", "hunter22", _LOWER, _BASE64, "12345678:AA", "str", "!"),
    ]
)
TEXTS = st.lists(_PIECES, max_size=25).map("".join)


@settings(max_examples=300)
@given(TEXTS)
def test_redacting_again_changes_nothing(text: str) -> None:
    once = redact(text)
    assert redact(once.text) == type(once)(once.text)


@settings(max_examples=300)
@given(TEXTS | st.text())
def test_lines_stay_where_they_are(text: str) -> None:
    redacted = redact(text)
    assert redacted.text.count("\n") == text.count("\n")
    assert all(0 <= each.line <= text.count("\n") + text.count("\r") for each in redacted.found)


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "=",
        '="',
        "= ",
        "password=",
        'password="',
        "password: ",
        "://",
        "://u:",
        "://u:p@",
        "-----BEGIN PRIVATE " + "KEY-----",
        "-----BEGIN PRIVATE " + "KEY-----\n",
        "-" * 5,
        "eyJ",
        "eyJ" + "a" * 8 + ".",
        "gl",
        "ghp_",
        "AKIA",
        "sk-",
        ">",
        "\n",
        " ",
        "secret:[",
        "[REDACTED:",
        'token="0a1b2c3d4e5f60718293a4b5"',
    ],
)
def test_time_is_in_proportion_to_length(piece: str) -> None:
    start = time.process_time()
    redact(piece * (200_000 // len(piece)))
    assert time.process_time() - start < 2


def test_a_secret_that_is_known_by_its_value() -> None:
    found = redact("a = 1\nhunter2-hunter, hunter2-hunter\n", b"s", ("hunter2-hunter", "a = 1"))
    (pair,) = found.secrets
    assert found.text == f"a = 1\n{pair[0]}, {pair[0]}\n"
    assert pair[1] == "hunter2-hunter"
    assert [each.line for each in found.found] == [1, 1]
    assert redact(found.text, b"s", ("hunter2-hunter",)).text == found.text
