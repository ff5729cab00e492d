"""A small codebase, and a document that is being written in it."""

from tests.codebase import Codebase
from tests.marked import marked

from firsthand.core.sources.place import NAME, Place
from firsthand.relevance.nearby import Kin, kin

STORE = """\
class Store(Base):
    def get(self, key):
        return self.backend.fetch(key)
    def put(self, key, value):
        self.backend.write(key, value)
def open_store(path):
    return Store(path)
"""
USER = """\
from app.store import open_store
def load(path):
    with open_store(path) as store:
        value = store.get(path)
        store.put(path, value)
        return value
"""
OTHER = """\
def paint(canvas, colour):
    canvas.fill(colour)
"""
VIEW = Codebase(
    {"app/store.py": STORE, "app/user.py": USER, "app/paint.py": OTHER, "lib/paint.py": OTHER}
)
DRAWING = """\
from app.store import open_store
def save(path, value):
    with open_store(path) as store:
        ║
"""


def place_of(drawing: str, path: str = "app/new.py") -> tuple[Place, str]:
    text, position = marked(drawing)
    return Place.at(path, "python", text, position), text.string


def kin_of(text: str, path: str = "app/new.py", opened: tuple[str, ...] = ()) -> Kin:
    return kin(VIEW, path, "python", NAME.findall(text), opened)
