"""A real llama.cpp server with a tiny model, without a compiler and without a download of weights.

The server is unpacked from Debian packages and run with its own loader and libraries. The model is
made here: random weights, one token for each byte.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.e2e.debian import unpacked
from tests.e2e.servers import Server, free_port, running

if TYPE_CHECKING:
    import gguf

FIM_TOKENS = {
    "fim_pre": "<|fim_prefix|>",
    "fim_suf": "<|fim_suffix|>",
    "fim_mid": "<|fim_middle|>",
    "fim_pad": "<|fim_pad|>",
    "fim_rep": "<|repo_name|>",
    "fim_sep": "<|file_sep|>",
}


_WIDTH, _HIDDEN, _LAYERS, _HEADS = 64, 128, 2, 4


@contextmanager
def serving(model: Path, *arguments: str, port: int = 0) -> Iterator[Server]:
    """A server of a model on a free port of this machine, healthy before it is given."""
    port = port or free_port()
    root = unpacked("llama.cpp", ["llama.cpp-tools"], _beside_the_libraries)
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
    url = f"http://127.0.0.1:{port}"
    with running("llama-server", command, url, "/health", seconds=20) as server:
        yield server


def tiny_model(path: Path, fim: bool = True) -> Path:
    """Write a model of random weights; without `fim`, its tokens are in nobody's table.

    Its tokens are the 256 bytes, an end, and six control tokens.
    """
    import gguf

    control = list(FIM_TOKENS.values()) if fim else [f"<|odd_{n}|>" for n in range(6)]
    tokens = [*_byte_alphabet(), "<|endoftext|>", *control]
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("tiny")
    writer.add_context_length(4096)
    writer.add_embedding_length(_WIDTH)
    writer.add_block_count(_LAYERS)
    writer.add_feed_forward_length(_HIDDEN)
    writer.add_head_count(_HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(_WIDTH // _HEADS)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(tokens)
    writer.add_token_types([gguf.TokenType.NORMAL] * 256 + [gguf.TokenType.CONTROL] * 7)
    writer.add_token_merges(["Ā Ā"])  # an empty list is refused; two zero bytes never come
    for add in (writer.add_bos_token_id, writer.add_eos_token_id, writer.add_pad_token_id):
        add(256)
    for offset, name in enumerate(FIM_TOKENS if fim else ()):
        writer.add_uint32(f"tokenizer.ggml.{name}_token_id", 257 + offset)
    _add_weights(writer, len(tokens))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _add_weights(writer: gguf.GGUFWriter, tokens: int) -> None:
    """Random matrices, always the same."""
    import numpy

    random = numpy.random.default_rng(7)
    shapes = {"token_embd": (tokens, _WIDTH), "output": (tokens, _WIDTH)}
    norms = ["output_norm"]
    for layer in range(_LAYERS):
        block = f"blk.{layer}."
        for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
            shapes[block + name] = (_WIDTH, _WIDTH)
        shapes[block + "ffn_gate"] = shapes[block + "ffn_up"] = (_HIDDEN, _WIDTH)
        shapes[block + "ffn_down"] = (_WIDTH, _HIDDEN)
        norms += [block + "attn_norm", block + "ffn_norm"]
    for name, shape in shapes.items():
        weights = random.normal(0, 0.3, shape).astype(numpy.float32)
        writer.add_tensor(f"{name}.weight", weights)
    for name in norms:
        writer.add_tensor(f"{name}.weight", numpy.ones(_WIDTH, numpy.float32))


def _byte_alphabet() -> list[str]:
    """The characters that stand for the 256 bytes in GPT-2's vocabulary, byte 0 first."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = iter(range(256, 512))
    return [chr(byte if byte in plain else next(others)) for byte in range(256)]


def _beside_the_libraries(root: Path) -> None:
    """Link the CPU backends to where the server looks for them, not where the package puts them."""
    libraries = next(root.rglob("libllama.so.0")).parent
    for backend in root.rglob("ggml/backends*/*.so"):
        (libraries / backend.name).symlink_to(backend.relative_to(libraries))
