"""Which file an import means."""

import pytest

from firsthand.index.code.modules import best, stem, wanted
from firsthand.index.languages import language_of

PYTHON = "app/__init__.py app/a.py app/sub/__init__.py app/sub/b.py app/sub/json.py tests/a.py"
SOURCES = "src/lib/__init__.py src/lib/x.py tool.py"
SCRIPTS = "src/index.ts src/a.ts src/a.store.ts src/ui/index.tsx src/ui/b.d.ts src/ui/b.js lib/c.js"
GO = "go.mod cmd/main.go store/db.go store/db_test.go store/disk/disk.go"
RUST = "src/lib.rs src/a/mod.rs src/a/b.rs src/c.rs src/c/d.rs crates/my-core/src/x.rs"
JAVA = "src/main/java/com/x/A.java src/test/java/com/x/A.java src/main/java/com/y/List.java k/B.kt"
C = "src/a.c src/a.h include/proj/b.h src/sub/c.hpp src/sub/c.cpp"


def find(files: str, importing: str, module: str) -> str | None:
    """What a module means in a codebase of these files."""
    language = language_of(importing)
    paths = [(path, language_of(path)) for path in files.split()]
    for asked in wanted(importing, language, module):
        found = [(path, its) for path, its in paths if stem(path, its) == asked.stem]
        path = best(importing, language, asked, found, lambda each: (each, "python") in paths)
        if path is not None:
            return path
    return None


@pytest.mark.parametrize(
    ("files", "importing", "module", "expected"),
    [
        (PYTHON, "app/a.py", "app.sub.b", "app/sub/b.py"),
        (PYTHON, "app/a.py", "app.sub", "app/sub/__init__.py"),
        (PYTHON, "app/a.py", ".sub.b", "app/sub/b.py"),
        (PYTHON, "app/sub/b.py", ".", "app/sub/__init__.py"),
        (PYTHON, "app/sub/b.py", "..a", "app/a.py"),
        (PYTHON, "app/sub/b.py", ".json", "app/sub/json.py"),
        (PYTHON, "app/sub/b.py", "json", None),
        (PYTHON, "app/a.py", "....x", None),
        (PYTHON, "app/a.py", ".", "app/__init__.py"),
        (PYTHON, "x.py", "os.path", None),
        (SOURCES, "tool.py", "lib.x", "src/lib/x.py"),
        (SOURCES, "tool.py", "x", None),
        (SCRIPTS, "src/index.ts", "./a", "src/a.ts"),
        (SCRIPTS, "src/index.ts", "./a.js", "src/a.ts"),
        (SCRIPTS, "src/index.ts", "./a.store", "src/a.store.ts"),
        (SCRIPTS, "src/a.ts", "./ui", "src/ui/index.tsx"),
        (SCRIPTS, "src/ui/index.tsx", "..", "src/index.ts"),
        (SCRIPTS, "src/a.ts", "./ui/b", "src/ui/b.js"),
        (SCRIPTS, "src/a.ts", "@/ui/index", "src/ui/index.tsx"),
        (SCRIPTS, "src/a.ts", "lib/c", "lib/c.js"),
        (SCRIPTS, "src/a.ts", "react", None),
        (SCRIPTS, "src/a.ts", "../../out", None),
        (GO, "cmd/main.go", "example.org/me/proj/store", "store/db.go"),
        (GO, "cmd/main.go", "proj/store/disk", "store/disk/disk.go"),
        (GO, "cmd/main.go", "fmt", None),
        (RUST, "src/lib.rs", "self::a", "src/a/mod.rs"),
        (RUST, "src/a/mod.rs", "self::b", "src/a/b.rs"),
        (RUST, "src/a/b.rs", "super::super::c", "src/c.rs"),
        (RUST, "src/c.rs", "self::d", "src/c/d.rs"),
        (RUST, "src/c.rs", "crate::a::b::Thing", "src/a/b.rs"),
        (RUST, "src/c.rs", "my_core::x", "crates/my-core/src/x.rs"),
        (RUST, "src/c.rs", "std::fmt", None),
        (JAVA, "src/main/java/com/y/C.java", "com.x.A", "src/main/java/com/x/A.java"),
        (JAVA, "src/test/java/com/x/ATest.java", "com.x.A", "src/test/java/com/x/A.java"),
        (JAVA, "src/main/java/com/y/C.java", "com.x.A.Inner", "src/main/java/com/x/A.java"),
        (JAVA, "src/main/java/com/y/C.java", "java.util.List", None),
        (JAVA, "src/main/java/com/y/C.java", "k.B", "k/B.kt"),
        (C, "src/main.c", "./a.h", "src/a.h"),
        (C, "src/main.c", "proj/b.h", "include/proj/b.h"),
        (C, "src/main.cpp", "./sub/c.hpp", "src/sub/c.hpp"),
        (C, "src/main.c", "stdio.h", None),
        ("lib/a/b.rb lib/c.rb", "lib/a.rb", "a/b", "lib/a/b.rb"),
        ("lib/a/b.rb lib/c.rb", "lib/a/b.rb", "./../c", "lib/c.rb"),
        ("src/Model/User.php", "src/App.php", "App\\Model\\User", "src/Model/User.php"),
        ("lua/plug/init.lua lua/plug/x.lua", "lua/plug/x.lua", "plug", "lua/plug/init.lua"),
        ("lua/plug/init.lua lua/plug/x.lua", "a.lua", "plug.x", "lua/plug/x.lua"),
        ("bin/a.sh bin/lib/b.sh", "bin/a.sh", "./lib/b.sh", "bin/lib/b.sh"),
    ],
)
def test_the_file_that_an_import_means(
    files: str, importing: str, module: str, expected: str | None
) -> None:
    assert find(files, importing, module) == expected


@pytest.mark.parametrize("module", ["", ".", "..", "/", "a/", "::", "\\", "../" * 9, "@", "@/"])
@pytest.mark.parametrize("name", ["a.py", "a.ts", "a.go", "a.rs", "A.java", "a.c", "a.sh", "a.lua"])
def test_no_module_is_too_odd(name: str, module: str) -> None:
    for importing in (name, f"x/{name}"):
        assert find("b.py", importing, module) in (None, "b.py")
