"""The reserved words of languages: what looks like a name and is none."""

from __future__ import annotations

_C = """auto break case char const continue default do double else enum extern float for goto if
    inline int long register return short signed sizeof static struct switch typedef union unsigned
    void volatile while"""
_CPP = f"""{_C} alignas alignof bool catch class concept const_cast consteval constexpr constinit
    decltype delete dynamic_cast explicit export false friend mutable namespace new noexcept nullptr
    operator private protected public reinterpret_cast requires static_assert static_cast template
    this throw true try typeid typename using virtual wchar_t"""
_JAVASCRIPT = """async await break case catch class const continue debugger default delete do else
    export extends false finally for function if import in instanceof let new null of return static
    super switch this throw true try typeof undefined var void while with yield"""
_TYPESCRIPT = f"""{_JAVASCRIPT} abstract any as asserts boolean declare enum implements infer
    interface is keyof namespace never number object private protected public readonly satisfies
    string symbol type unique unknown"""
_JAVA = """abstract assert boolean break byte case catch char class const continue default do double
    else enum extends false final finally float for if implements import instanceof int interface
    long native new null package private protected public return short static super switch
    synchronized this throw throws transient true try var void volatile while"""

_WRITTEN = {
    "python": """False None True and as assert async await break class continue def del elif else
        except finally for from global if import in is lambda nonlocal not or pass raise return try
        while with yield""",
    "go": """break case chan const continue default defer else fallthrough false for func go goto if
        import interface map nil package range return select struct switch true type var""",
    "rust": """Self as async await break const continue crate dyn else enum extern false fn for if
        impl in let loop match mod move mut pub ref return self static struct super trait true type
        unsafe use where while""",
    "javascript": _JAVASCRIPT,
    "javascriptreact": _JAVASCRIPT,
    "typescript": _TYPESCRIPT,
    "typescriptreact": _TYPESCRIPT,
    "java": _JAVA,
    "c": _C,
    "cpp": _CPP,
    "cuda-cpp": _CPP,
    "objective-c": _C,
    "csharp": f"""{_JAVA} as async await base bool checked decimal delegate event explicit extern
        fixed foreach get implicit in internal is lock namespace object operator out override params
        readonly ref sbyte sealed set sizeof stackalloc string struct typeof uint ulong unchecked
        unsafe ushort using virtual where""",
    "kotlin": """as break by class companion continue data do else false for fun get if import in
        init interface internal is it lateinit null object open override package private protected
        public return sealed set super suspend this throw true try typealias val var when while""",
    "ruby": """alias and begin break case class def defined do else elsif end ensure false for if in
        module next nil not or redo rescue retry return self super then true undef unless until when
        while yield""",
    "php": """abstract and array as break callable case catch class clone const continue declare
        default do echo else elseif empty extends false final finally fn for foreach function global
        goto if implements include instanceof interface isset list match namespace new null or
        private protected public readonly require return static switch this throw trait true try
        unset use var while xor yield""",
    "lua": """and break do else elseif end false for function goto if in local nil not or repeat
        return then true until while""",
    "shellscript": """case do done elif else esac export fi for function if in local return select
        then until while""",
}

KEYWORDS = {language: frozenset(words.split()) for language, words in _WRITTEN.items()}
"""By LSP language id."""
