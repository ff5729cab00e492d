"""The language of a file, by its name.

Names of languages are those of the Language Server Protocol (3.17, "TextDocumentItem"), and for
languages it does not list, those that editors send.
"""

from __future__ import annotations

from pathlib import PurePath

UNKNOWN = "plaintext"


def language_of(path: PurePath | str) -> str:
    """The language of a file by its name alone; "plaintext" when the name does not say."""
    name = (path if isinstance(path, str) else path.name).replace("\\", "/").rpartition("/")[2]
    name = name.lower()
    if language := _NAMES.get(name):
        return language
    # The longest ending that is known decides: "x.d.ts", "x.html.erb", then "x.ts", "x.erb".
    rest = name
    while "." in rest:
        rest = rest.partition(".")[2]
        if language := _ENDINGS.get(rest):
            return language
    if name.startswith(("dockerfile.", "containerfile.")):
        return "dockerfile"
    if name.startswith(("makefile.", "gnumakefile.")):
        return "makefile"
    return UNKNOWN


def _by_ending(table: dict[str, str]) -> dict[str, str]:
    return {each: language for language, endings in table.items() for each in endings.split()}


_CODE = {
    "ada": "adb ads ada",
    "apex": "apex",
    "asm": "asm s nasm",
    "astro": "astro",
    "awk": "awk",
    "bat": "bat cmd",
    "bicep": "bicep",
    "c": "c h",
    "cairo": "cairo",
    "clojure": "clj cljs cljc edn",
    "cmake": "cmake",
    "cobol": "cob cbl cpy",
    "coffeescript": "coffee",
    "cpp": "cc cpp cxx c++ hh hpp hxx h++ ipp tpp inl ixx cppm",
    "crystal": "cr",
    "csharp": "cs csx",
    "css": "css",
    "cuda-cpp": "cu cuh",
    "d": "d",
    "dart": "dart",
    "elixir": "ex exs",
    "elm": "elm",
    "erb": "erb",
    "erlang": "erl hrl",
    "fennel": "fnl",
    "fish": "fish",
    "fortran": "f f77 f90 f95 f03 f08 for",
    "fsharp": "fs fsi fsx",
    "gdscript": "gd",
    "gleam": "gleam",
    "glsl": "glsl vert frag geom comp tesc tese",
    "go": "go",
    "graphql": "graphql gql",
    "groovy": "groovy gradle",
    "hack": "hack",
    "handlebars": "hbs handlebars",
    "haskell": "hs lhs",
    "haxe": "hx",
    "hlsl": "hlsl fx",
    "html": "html htm xhtml",
    "idris": "idr",
    "jade": "pug jade",
    "java": "java",
    "javascript": "js mjs cjs es6",
    "javascriptreact": "jsx",
    "jinja": "j2 jinja jinja2",
    "jsonnet": "jsonnet libsonnet",
    "julia": "jl",
    "just": "just",
    "kotlin": "kt kts",
    "latex": "tex sty cls",
    "lean": "lean",
    "less": "less",
    "lisp": "lisp lsp cl el",
    "lua": "lua luau",
    "makefile": "mk mak make",
    "matlab": "matlab",
    "meson": "meson",
    "mojo": "mojo",
    "move": "move",
    "nim": "nim nims",
    "nix": "nix",
    "objective-c": "m",
    "objective-cpp": "mm",
    "ocaml": "ml mli mll mly",
    "odin": "odin",
    "pascal": "pas pp lpr dpr",
    "perl": "pl pm t",
    "php": "php phtml",
    "powershell": "ps1 psm1 psd1",
    "prisma": "prisma",
    "prolog": "pro prolog",
    "proto3": "proto",
    "purescript": "purs",
    "python": "py pyi pyw pyx pxd",
    "r": "r",
    "racket": "rkt",
    "raku": "raku rakumod",
    "razor": "cshtml razor",
    "reason": "re rei",
    "rescript": "res resi",
    "ruby": "rb rake gemspec ru",
    "rust": "rs",
    "sass": "sass",
    "scala": "scala sc sbt",
    "scheme": "scm ss",
    "scss": "scss",
    "shellscript": "sh bash zsh ksh bats",
    "solidity": "sol",
    "sql": "sql",
    "starlark": "bzl star bazel",
    "stylus": "styl",
    "svelte": "svelte",
    "swift": "swift",
    "systemverilog": "sv svh",
    "tcl": "tcl",
    "terraform": "tf hcl",
    "thrift": "thrift",
    "typescript": "ts mts cts",
    "typescriptreact": "tsx",
    "v": "vsh",
    "vala": "vala",
    "vb": "vb vbs bas",
    "verilog": "v vh",
    "vhdl": "vhd vhdl",
    "vim": "vim",
    "vue": "vue",
    "wgsl": "wgsl",
    "xquery": "xq xqy xquery",
    "xsl": "xsl xslt",
    "yang": "yang",
    "zig": "zig zon",
}

# Text that describes rather than does; it is learned after the code, and can hold credentials.
_PROSE_AND_DATA = {
    "asciidoc": "adoc asciidoc",
    "bibtex": "bib",
    "ini": "ini cfg conf editorconfig",
    "json": "json webmanifest",
    "jsonc": "jsonc json5 code-workspace",
    "markdown": "md markdown mdx rmd qmd",
    "properties": "properties",
    "restructuredtext": "rst",
    "toml": "toml",
    "xml": "xml xsd wsdl plist csproj fsproj vbproj props targets xaml",
    "yaml": "yaml yml",
}

_NAMES = {
    ".bash_aliases": "shellscript",
    ".bash_profile": "shellscript",
    ".bashrc": "shellscript",
    ".editorconfig": "ini",
    ".gitconfig": "ini",
    ".profile": "shellscript",
    ".vimrc": "vim",
    ".zprofile": "shellscript",
    ".zshrc": "shellscript",
    "brewfile": "ruby",
    "build": "starlark",
    "cmakelists.txt": "cmake",
    "containerfile": "dockerfile",
    "dockerfile": "dockerfile",
    "emakefile": "erlang",
    "gemfile": "ruby",
    "gnumakefile": "makefile",
    "jenkinsfile": "groovy",
    "justfile": "just",
    "makefile": "makefile",
    "meson.build": "meson",
    "pkgbuild": "shellscript",
    "podfile": "ruby",
    "rakefile": "ruby",
    "sconstruct": "python",
    "sconscript": "python",
    "tsconfig.json": "jsonc",
    "vagrantfile": "ruby",
    "workspace": "starlark",
    "wscript": "python",
}

_ENDINGS = _by_ending(_CODE) | _by_ending(_PROSE_AND_DATA) | {"dockerfile": "dockerfile"}

PROSE_AND_DATA = frozenset(_PROSE_AND_DATA)
