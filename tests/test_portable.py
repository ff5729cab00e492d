"""Windows and macOS are not at hand where the tests run: what only some systems have is looked for.

`make platforms` has mypy look at every module as it is on Windows and on macOS, which takes longer.
"""

import ast
import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SHIPPED = sorted((ROOT / "server").rglob("*.py"))
PLUGINS = sorted(
    [*(ROOT / "clients/vscode/src").glob("*.ts"), *(ROOT / "clients/neovim").rglob("*.lua")]
)

_MODULES = {"fcntl", "grp", "posix", "pty", "pwd", "resource", "syslog", "termios", "tty"}
_NAMES = """
os: chown chroot ctermid fchmod fchown fork forkpty getegid geteuid getgid getgroups getloadavg
os: getpgid getpgrp getpriority getsid getuid initgroups kill killpg lchown mkfifo mknod nice
os: openpty posix_fadvise posix_spawn pread pwrite sched_getaffinity sched_setaffinity sendfile
os: setegid seteuid setgid setpgid setpriority setsid setuid statvfs sync sysconf tcgetpgrp
os: tcsetpgrp uname wait wait3 wait4 waitid O_CLOEXEC O_DIRECTORY O_NOFOLLOW O_NONBLOCK WNOHANG
signal: alarm pause pthread_kill pthread_sigmask setitimer siginterrupt sigtimedwait sigwait SIGALRM
signal: SIGCHLD SIGCONT SIGHUP SIGIO SIGKILL SIGPIPE SIGQUIT SIGSTOP SIGTSTP SIGUSR1
signal: SIGUSR2 SIGWINCH
"""
_ONLY_SOME = {
    f"{module}.{name}"
    for module, _, names in (line.partition(": ") for line in _NAMES.strip().splitlines())
    for name in names.split()
}
"""What Windows or macOS lacks, or does otherwise: `os.kill` ends whatever process it names."""

_OF_LOOPS = {
    "add_signal_handler",
    "connect_read_pipe",
    "connect_write_pipe",
    "open_unix_connection",
}
_FOLDER = re.compile(r"/(bin|dev|etc|proc|tmp|var)/")
_ASKED = ("sys.platform", "os.name", "hasattr(os, ", "hasattr(signal, ")


def only_some(text: str) -> list[str]:
    """What in a module some systems lack, where it does not ask first which one it is on."""
    return [name for name, asked in _uses(ast.parse(text), asked=False) if not asked]


def _uses(node: ast.AST, *, asked: bool) -> Iterator[tuple[str, bool]]:
    """Each use of what only some systems have, and whether it stands below a question for that."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        names = [each.name for each in node.names]
        if isinstance(node, ast.ImportFrom):
            names = [node.module or "", *(f"{node.module}.{each}" for each in names)]
        yield from ((each, asked) for each in names if each in _MODULES | _ONLY_SOME)
    elif isinstance(node, ast.Attribute):
        whole = f"{node.value.id}.{node.attr}" if isinstance(node.value, ast.Name) else ""
        if node.attr in _OF_LOOPS or whole in _ONLY_SOME:
            yield whole or node.attr, asked
    elif isinstance(node, ast.Constant) and _FOLDER.match(str(node.value)):
        yield str(node.value), asked
    if isinstance(node, ast.If | ast.IfExp):
        question = ast.unparse(node.test)
        asked = asked or any(each in question for each in _ASKED)
    for child in ast.iter_child_nodes(node):
        yield from _uses(child, asked=asked)


def test_nothing_that_only_some_systems_have() -> None:
    found = {path: only_some(path.read_text(encoding="utf-8")) for path in SHIPPED}
    assert not {path: names for path, names in found.items() if names}, "ask sys.platform first"


@pytest.mark.parametrize(
    "line",
    [
        "import fcntl",
        "from pwd import getpwuid",
        "from os import fork",
        "os.killpg(1, 2)",
        "signal.signal(signal.SIGHUP, stop)",
        "loop.add_signal_handler(number, stop)",
        "x = open('/dev/null')",
        "if ready:\n    os.nice(10)",
    ],
)
def test_what_only_some_systems_have_is_found(line: str) -> None:
    assert only_some(line)


@pytest.mark.parametrize(
    "line",
    [
        "import select",
        "os.getpid()",
        "signal.signal(signal.SIGTERM, stop)",
        "if sys.platform == 'win32':\n    import msvcrt\nelse:\n    import fcntl",
        "if hasattr(os, 'nice'):\n    os.nice(10)",
        "number = os.getuid() if os.name == 'posix' else 0",
        "url = '/v1/completions'",
    ],
)
def test_what_asks_first_is_let_through(line: str) -> None:
    assert not only_some(line)


def test_the_list_names_what_there_is() -> None:
    """A name that is written wrong would never be found."""
    if os.name == "posix":
        known = {*(f"os.{each}" for each in dir(os)), *(f"signal.{each}" for each in dir(signal))}
        # macOS has no affinity of processors.
        assert not {each for each in _ONLY_SOME - known if "sched_" not in each}


_OF_A_SHELL = re.compile(r"""['"`](/(bin|dev|etc|proc|tmp|usr|var)/|sh['"]|~/)|popen|os\.execute""")
# To send the signal 0 is to ask whether a process lives, and works everywhere. A child of Node's is
# ended by SIGKILL everywhere: https://nodejs.org/api/child_process.html#subprocesskillsignal
_OF_UNIX = re.compile(
    r"process\.(kill\((?!\w+, 0\))|getuid|geteuid|umask|setuid)"
    r"|(?<!\.kill\(')SIGKILL|SIGHUP|vim\.uv\.kill"
)


@pytest.mark.parametrize("path", PLUGINS, ids=lambda path: path.name)
def test_the_plugins_ask_for_no_shell_and_no_unix(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not _OF_A_SHELL.search(text)
    assert not _OF_UNIX.search(text)


def text_without_encoding(text: str) -> list[str]:
    """Files that are opened as text in the encoding that the system happens to have."""
    calls = [each for each in ast.walk(ast.parse(text)) if isinstance(each, ast.Call)]
    return [
        ast.unparse(each.func)
        for each in calls
        if _opens_text(each) and "encoding" not in {named.arg for named in each.keywords}
    ]


def _opens_text(call: ast.Call) -> bool:
    if isinstance(call.func, ast.Attribute):
        at = call.func.attr
        return at == "write_text" or (at == "read_text" and not call.args)
    mode = ast.unparse(call.args[1]) if len(call.args) > 1 else ""
    return isinstance(call.func, ast.Name) and call.func.id == "open" and "b" not in mode


def test_text_has_an_encoding() -> None:
    found = {path: text_without_encoding(path.read_text(encoding="utf-8")) for path in SHIPPED}
    assert not {path: calls for path, calls in found.items() if calls}


@pytest.mark.parametrize("line", ["open(x)", "open(x, 'w')", "x.read_text()", "x.write_text(text)"])
def test_text_without_an_encoding_is_found(line: str) -> None:
    assert text_without_encoding(line)


@pytest.mark.parametrize(
    "line",
    ["open(x, 'rb')", "open(x, encoding='utf-8')", "x.read_text('utf-8')", "session.open(x)"],
)
def test_bytes_need_no_encoding(line: str) -> None:
    assert not text_without_encoding(line)
