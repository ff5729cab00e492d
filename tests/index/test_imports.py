"""What files import."""

import pytest

from firsthand.index.imports import imported


@pytest.mark.parametrize(
    ("language", "text", "names"),
    [
        ("python", "import os, sys as system\nfrom a.b import c\n", "a os sys"),
        ("python", "    import json.decoder  # late\nimport os;x=1", "json os"),
        ("python", "from . import x\nfrom .near import y\nimportant = 1\n", ""),
        ("javascript", "const a = require('left-pad')\nimport('@s/p/deep.js')", "@s/p left-pad"),
        ("typescript", 'import {x} from "rxjs/operators"\nexport * from "./near"', "rxjs"),
        ("typescript", 'import "../up"\nimport type T from "node:fs"', ""),
        ("go", 'import (\n\t"fmt"\n\tx "github.com/a/b"\n)\n', "fmt github.com/a/b"),
        ("go", 'import "os"\n', "os"),
        (
            "rust",
            "use serde::de;\npub use crate::x;\nuse std::io;\nextern crate libc;",
            "libc serde",
        ),
        ("c", "#include <stdio.h>", ""),
    ],
)
def test_names_of_what_is_imported(language: str, text: str, names: str) -> None:
    assert imported(language, text) == tuple(names.split())
