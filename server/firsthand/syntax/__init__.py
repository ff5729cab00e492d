"""What the grammars know about a document: kinds of text, blocks, ends of statements.

The only importer of tree_sitter. Parsing takes 10 ms for 100 KB, an edit of that 1 ms, and one that
breaks its syntax up to 30 ms: `heavy` says which texts must not be parsed on the event loop.
"""

from firsthand.syntax.blocks import opens_block
from firsthand.syntax.cut import cut_at_statement
from firsthand.syntax.definitions import NAME, Defined, Outline, outline
from firsthand.syntax.faults import changed_signatures, new_fault
from firsthand.syntax.grammars import fault
from firsthand.syntax.imports import Imported
from firsthand.syntax.kind import kind_at, kind_at_lexically
from firsthand.syntax.statements import statement_end
from firsthand.syntax.tree import Tree, heavy, parse
from firsthand.syntax.undefined import undefined_names

__all__ = [
    "NAME",
    "Defined",
    "Imported",
    "Outline",
    "Tree",
    "changed_signatures",
    "cut_at_statement",
    "fault",
    "heavy",
    "kind_at",
    "kind_at_lexically",
    "new_fault",
    "opens_block",
    "outline",
    "parse",
    "statement_end",
    "undefined_names",
]
