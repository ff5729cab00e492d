"""A real llama.cpp server with a tiny model, without a compiler and without a download of weights.

The server comes as Debian packages from the mirror that this machine's apt already uses, from a
suite that has it; they are unpacked into a cache folder and run with their own loader and
libraries, so that nothing is installed. The model is made here: random weights, one token for each
byte.
"""

from __future__ import annotations

import os
import platform
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

CACHE = Path(os.environ.get("FIRSTHAND_E2E_CACHE") or Path(__file__).resolve().parents[2] / ".e2e")
FIM_TOKENS = {
    "fim_pre": "<|fim_prefix|>",
    "fim_suf": "<|fim_suffix|>",
    "fim_mid": "<|fim_middle|>",
    "fim_pad": "<|fim_pad|>",
    "fim_rep": "<|repo_name|>",
    "fim_sep": "<|file_sep|>",
}
_SUITE = "forky"
_PACKAGES = [
    "llama.cpp-tools",
    "libllama0",
    "libggml0",
    "libc6",
    "libgcc-s1",
    "libgomp1",
    "libstdc++6",
    "libssl3t64",
    "libzstd1",
    "zlib1g",
]


class Missing(Exception):
    """A part that these tests need cannot be had; a failure, never a reason to skip."""


@dataclass(slots=True)
class Server:
    """A running server."""

    url: str
    process: subprocess.Popen[bytes]

    def kill(self) -> None:
        """End it with no time to say goodbye."""
        self.process.kill()
        self.process.wait()


@contextmanager
def serving(model: Path, *arguments: str) -> Iterator[Server]:
    """A server of a model on a free port of this machine, healthy before it is given."""
    port = free_port()
    root = _unpacked()
    loader = next(root.rglob("ld-linux-*.so.*"))
    libraries = next(root.rglob("libllama.so.0")).parent
    command: list[str | Path] = [
        loader,
        "--library-path",
        f"{libraries}{os.pathsep}{libraries / 'llama'}",
        root / "usr/bin/llama-server",
        *("--model", model, "--host", "127.0.0.1", "--port", str(port)),
        *("--ctx-size", "4096", "--parallel", "1", "--threads", "1", "--slots", "--no-warmup"),
        *arguments,
    ]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        server = Server(f"http://127.0.0.1:{port}", process)
        try:
            if not _healthy(server):
                log.seek(0)
                tail = log.read()[-3000:].decode("utf-8", "replace")
                raise Missing(f"llama-server did not become healthy:\n{tail}")
            yield server
        finally:
            process.terminate()
            try:
                process.wait(3)
            except subprocess.TimeoutExpired:
                server.kill()


def tiny_model(path: Path, fim: bool = True) -> Path:
    """Write a model of random weights; without `fim`, its tokens are in nobody's table.

    Its tokens are the 256 bytes, an end, and six control tokens.
    """
    import gguf
    import numpy

    width, hidden, layers, heads = 64, 128, 2, 4
    names = list(FIM_TOKENS.values()) if fim else [f"<|odd_{n}|>" for n in range(6)]
    tokens = [*_byte_alphabet(), "<|endoftext|>", *names]
    kinds = [gguf.TokenType.NORMAL] * 256 + [gguf.TokenType.CONTROL] * 7
    random = numpy.random.default_rng(7)

    def matrix(rows: int, columns: int) -> numpy.ndarray:
        return random.normal(0, 0.3, (rows, columns)).astype(numpy.float32)

    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("qwen2.5-coder-tiny" if fim else "odd-tiny")
    writer.add_context_length(4096)
    writer.add_embedding_length(width)
    writer.add_block_count(layers)
    writer.add_feed_forward_length(hidden)
    writer.add_head_count(heads)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(width // heads)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    writer.add_token_merges(["Ā Ā"])  # an empty list is refused; two zero bytes never come
    for add in (writer.add_bos_token_id, writer.add_eos_token_id, writer.add_pad_token_id):
        add(256)
    if fim:
        for offset, name in enumerate(FIM_TOKENS):
            writer.add_uint32(f"tokenizer.ggml.{name}_token_id", 257 + offset)
    ones = numpy.ones(width, dtype=numpy.float32)
    writer.add_tensor("token_embd.weight", matrix(len(tokens), width))
    writer.add_tensor("output_norm.weight", ones)
    writer.add_tensor("output.weight", matrix(len(tokens), width))
    for layer in range(layers):
        shapes = {
            **{f"attn_{name}": (width, width) for name in ("q", "k", "v", "output")},
            "ffn_gate": (hidden, width),
            "ffn_up": (hidden, width),
            "ffn_down": (width, hidden),
        }
        for name, shape in shapes.items():
            writer.add_tensor(f"blk.{layer}.{name}.weight", matrix(*shape))
        for name in ("attn_norm", "ffn_norm"):
            writer.add_tensor(f"blk.{layer}.{name}.weight", ones)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def free_port() -> int:
    """A port of this machine that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _healthy(server: Server, seconds: float = 20) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end and server.process.poll() is None:
        try:
            with urllib.request.urlopen(f"{server.url}/health", timeout=1) as response:
                return bool(response.status == 200)
        except OSError:
            time.sleep(0.02)
    return False


def _byte_alphabet() -> list[str]:
    """The characters that stand for the 256 bytes in GPT-2's vocabulary, byte 0 first."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = iter(range(256, 512))
    return [chr(byte if byte in plain else next(others)) for byte in range(256)]


def _unpacked() -> Path:
    """The folder with the server in it, made the first time."""
    folder = CACHE / f"llama.cpp-{platform.machine()}"
    if folder.is_dir():
        return folder
    for program in ("apt-get", "dpkg"):
        if not shutil.which(program):
            raise Missing(f"{program} is needed to unpack a llama.cpp server: use Debian or Ubuntu")
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as scratch:
        root = Path(scratch) / "root"
        for package in _downloaded(Path(scratch)):
            subprocess.run(["dpkg", "-x", package, root], check=True)
        libraries = next(root.rglob("libllama.so.0")).parent
        for backend in root.rglob("ggml/backends*/*.so"):
            # The server looks for these beside its libraries, not where the package puts them.
            (libraries / backend.name).symlink_to(backend.relative_to(libraries))
        try:
            root.rename(folder)
        except OSError:
            if not folder.is_dir():  # else somebody else was faster
                raise
    return folder


def _downloaded(scratch: Path) -> list[Path]:
    """The packages, by an apt that knows nothing of this machine's but its mirror and its keys."""
    for folder in ("lists/partial", "cache/archives/partial", "debs", "parts"):
        (scratch / folder).mkdir(parents=True)
    (scratch / "status").touch()
    options = {
        "Dir::Etc::SourceList": scratch / "sources.list",
        "Dir::Etc::SourceParts": scratch / "parts",
        "Dir::State::Lists": scratch / "lists",
        "Dir::State::Status": scratch / "status",
        "Dir::Cache": scratch / "cache",
        "APT::Sandbox::User": "",
    }
    apt = [
        "apt-get",
        "-q",
        *(part for key, value in options.items() for part in ("-o", f"{key}={value}")),
    ]
    failures = []
    for mirror in _mirrors():
        (scratch / "sources.list").write_text(f"deb {mirror} {_SUITE} main\n", encoding="utf-8")
        for step in (["update"], ["download", *_PACKAGES]):
            done = subprocess.run(
                [*apt, *step], cwd=scratch / "debs", capture_output=True, text=True
            )
            if done.returncode:
                failures.append(done.stderr[-500:])
                break
        else:
            return sorted((scratch / "debs").glob("*.deb"))
    raise Missing("no apt mirror of this machine gave llama.cpp:\n" + "\n".join(failures))


def _mirrors() -> Sequence[str]:
    """The mirrors that this machine's apt uses, each as it stands in a sources.list."""
    folder = Path("/etc/apt")
    found = []
    for file in (folder / "sources.list", *folder.glob("sources.list.d/*.list")):
        for line in file.read_text("utf-8").splitlines() if file.is_file() else ():
            kind, _, rest = line.strip().partition(" ")
            options, words = "", rest.split()
            if rest.startswith("["):
                options, _, after = rest.partition("]")
                options, words = options + "] ", after.split()
            if kind == "deb" and words:
                found.append(options + words[0])
    for file in folder.glob("sources.list.d/*.sources"):
        for stanza in file.read_text("utf-8").split("\n\n"):
            lines = (line.partition(":") for line in stanza.splitlines() if line[:1] not in "# ")
            fields = {name.lower(): value.strip() for name, _, value in lines}
            keys = fields.get("signed-by", "")
            options = f"[signed-by={keys}] " if keys.startswith("/") else ""
            found.extend(options + address for address in fields.get("uris", "").split())
    mirrors = [each for each in dict.fromkeys(found) if "security" not in each]
    if not mirrors:
        raise Missing("apt has no mirror on this machine")
    return mirrors
