"""The commonest names that a language itself gives, so that nothing has to define them.

They come in order of how many of the projects that the embedded model was fitted on write them;
those that few write, last. Python's are of its builtins and of what their values have; the others'
of the languages' references: Go's universe block, Rust's prelude with the methods of its types,
JavaScript's globals (`syntax/globals.py` has all of them) with the members of what they hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """A language's names, in order.

    Attributes:
        names: that stand by themselves, each with its place in the order.
        members: that stand after a dot, likewise.
    """

    names: dict[str, int]
    members: dict[str, int]

    def __contains__(self, word: str) -> bool:
        return word in self.names or word in self.members

    def beginning(self, stem: str, limit: int) -> list[str]:
        """Those that begin with a stem, the commonest, members last."""
        found = [name for name in self.names if name.startswith(stem)][:limit]
        return found + [name for name in self.members if name.startswith(stem)][:limit]


@lru_cache(maxsize=8)
def commonness(language: str) -> Mapping[str, tuple[float, float]]:
    """How common what a language gives is, among the names and among the members: 1 most, 0 none.

    Args:
        language: its LSP identifier.
    """
    given = built_in(language)
    found = {name: (1 - place / len(given.names), 0.0) for name, place in given.names.items()}
    for name, place in given.members.items():
        found[name] = found.get(name, (0.0,))[0], 1 - place / len(given.members)
    return found


def built_in(language: str) -> BuiltIn:
    """The names of a language by its LSP identifier; none of one that is not known."""
    return _KNOWN.get(language, _NONE)


def _ordered(names: str, members: str) -> BuiltIn:
    return BuiltIn(_numbered(names.split()), _numbered(members.split()))


def _numbered(words: Iterable[str]) -> dict[str, int]:
    """Words and their places; one that is repeated keeps its first."""
    return {word: place for place, word in enumerate(dict.fromkeys(words))}


_NONE = _ordered("", "")
_PYTHON = _ordered(
    """
    str list int all isinstance set len object any dict bool ValueError tuple property Exception
    getattr super type range float next __name__ hasattr TypeError id input open max bytes sorted
    enumerate ImportError map classmethod print AttributeError KeyError staticmethod min
    NotImplementedError callable filter zip repr RuntimeError iter setattr hash sum OSError
    IndexError reversed DeprecationWarning frozenset round abs slice issubclass BaseException
    StopIteration hex Warning vars globals bytearray AssertionError NotImplemented
    FileNotFoundError locals ord UnicodeDecodeError IOError eval pow chr divmod delattr dir
    KeyboardInterrupt memoryview exec bin oct complex format __file__ __import__ compile
    LookupError NameError ArithmeticError ZeroDivisionError OverflowError UserWarning
    RuntimeWarning FutureWarning TimeoutError ConnectionError PermissionError UnicodeError
    UnicodeEncodeError StopAsyncIteration SystemExit GeneratorExit RecursionError EOFError
    BufferError MemoryError ModuleNotFoundError FileExistsError BrokenPipeError ResourceWarning
    ConnectionResetError PendingDeprecationWarning ImportWarning SyntaxError aiter anext ascii
    """,
    """
    append get join items __init__ update split pop startswith replace format values add extend
    keys lower strip __name__ encode decode copy __class__ endswith remove index setdefault args
    clear __dict__ insert rstrip upper count find lstrip sort __new__ splitlines __doc__ rsplit
    partition __module__ title isdigit reverse discard fromkeys from_bytes to_bytes rfind union
    popitem rpartition difference intersection issubset issuperset isupper islower isalpha isalnum
    isspace isidentifier capitalize swapcase zfill ljust rjust center expandtabs translate
    maketrans removeprefix removesuffix casefold isdecimal isnumeric bit_length is_integer hex
    fromhex real imag conjugate difference_update intersection_update symmetric_difference
    with_traceback __qualname__ __annotations__ __bases__ __mro__ __subclasses__ __repr__ __str__
    __eq__ __hash__ __len__ __iter__ __next__ __getitem__ __setitem__ __delitem__ __contains__
    __call__ __enter__ __exit__ __getattr__ __setattr__ __getattribute__ __delattr__ __code__
    __defaults__ __closure__ __globals__ __wrapped__ __func__ __self__ __cause__ __context__
    __traceback__ __suppress_context__ send throw close
    """,
)
_GO = _ordered(
    """
    error string bool len int append make byte any int64 panic copy uint64 uint32 int32 uint8 rune
    float64 uint16 new delete uint recover cap int16 int8 float32 uintptr close min max clear
    iota complex64 complex128 comparable print println real imag complex
    """,
    "Error",
)
_RUST = _ordered(
    """
    Some Option derive std Debug Clone assert_eq Result Ok bool cfg usize str Err Self PartialEq
    u8 format Vec panic Eq Copy u32 macro_rules String From println Default u64 Hash vec Sized Box
    Iterator assert test inline write i32 Send Sync Into AsRef Drop Fn PartialOrd Ord FnMut FnOnce
    ToString IntoIterator i64 u16 f64 char unreachable matches TryFrom TryInto DoubleEndedIterator
    ExactSizeIterator Extend FromIterator ToOwned AsMut isize i8 i16 f32 u128 i128 core alloc
    assert_ne debug_assert debug_assert_eq eprintln print eprint unimplemented todo include_str
    concat stringify env option_env file line column module_path drop writeln
    """,
    """
    map unwrap len iter clone as_ref push collect is_empty map_err expect next is_some is_none get
    cmp unwrap_or to_string enumerate into_iter into extend contains take as_bytes insert parse
    join and_then clear with_capacity borrow count pop all is_err map_or to_owned is_ok any bytes
    new iter_mut as_str as_mut get_mut ok unwrap_or_else unwrap_or_default filter filter_map
    flat_map fold for_each zip rev skip chain position find last first split starts_with ends_with
    trim chars lines to_vec remove sort sort_by sort_by_key dedup retain drain truncate reserve
    capacity as_slice as_mut_slice swap replace copied cloned min max sum ok_or ok_or_else err
    from default fmt eq ne partial_cmp hash borrow_mut as_ptr to_lowercase to_uppercase
    saturating_sub checked_add wrapping_add rposition windows chunks concat repeat is_ascii
    entry or_insert or_insert_with keys values values_mut contains_key
    """,
)
_JAVASCRIPT = _ordered(
    """
    undefined Array Object Error Math JSON Promise Set Map console Symbol Date String Number
    RegExp TypeError Boolean parseInt isNaN setTimeout clearTimeout NaN Infinity WeakMap Function
    Proxy Reflect globalThis parseFloat BigInt Uint8Array encodeURIComponent decodeURIComponent
    RangeError setInterval clearInterval WeakSet ArrayBuffer isFinite SyntaxError Int32Array
    Float64Array DataView queueMicrotask structuredClone URL arguments constructor require module
    exports process window document
    """,
    """
    length map push slice get set min size forEach filter add prototype indexOf isArray some
    resolve includes join toString has entries replace call max stringify find parse delete sort
    values keys split test shift message toLowerCase assign pop concat then catch apply bind from
    every reduce splice unshift constructor create hasOwnProperty defineProperty freeze trim
    startsWith endsWith substring charAt charCodeAt floor ceil round abs all reject race next
    iterator stack now getTime match search exec matchAll replaceAll padStart padEnd repeat
    findIndex flat flatMap fill reverse at of fromEntries getPrototypeOf setPrototypeOf
    getOwnPropertyNames toUpperCase valueOf log error warn clear finally allSettled random pow
    sqrt isInteger asyncIterator codePointAt fromCharCode lastIndexOf toFixed toISOString
    """,
)
_TYPESCRIPT = BuiltIn(
    _numbered(
        (
            *("string", "any", "number", "boolean", "object", "Array", "unknown", "never"),
            *("Record", "Partial", "readonly", "keyof", "Omit", "Pick", "ReturnType"),
            *("Readonly", "Required", "Parameters", "Extract", "Exclude", "NonNullable"),
            *("ReadonlyArray", "Awaited", "infer", "symbol", "bigint", "PromiseLike"),
            *_JAVASCRIPT.names,
        )
    ),
    _JAVASCRIPT.members,
)
_KNOWN = {
    "python": _PYTHON,
    "go": _GO,
    "rust": _RUST,
    "javascript": _JAVASCRIPT,
    "javascriptreact": _JAVASCRIPT,
    "typescript": _TYPESCRIPT,
    "typescriptreact": _TYPESCRIPT,
}
