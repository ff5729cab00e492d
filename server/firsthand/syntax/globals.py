"""Names that are defined everywhere in JavaScript: by the language and what runs it.

Sources: ECMA-262 "Global object"; MDN "Window" and "WorkerGlobalScope"; Node.js "Global objects".
"""

from __future__ import annotations

_LANGUAGE = """AggregateError Array ArrayBuffer Atomics BigInt BigInt64Array BigUint64Array Boolean
    DataView Date Error EvalError FinalizationRegistry Float32Array Float64Array Function Infinity
    Int16Array Int32Array Int8Array Intl Iterator JSON Map Math NaN Number Object Promise Proxy
    RangeError ReferenceError Reflect RegExp Set SharedArrayBuffer String Symbol SyntaxError
    TypeError URIError Uint16Array Uint32Array Uint8Array Uint8ClampedArray WeakMap WeakRef WeakSet
    arguments decodeURI decodeURIComponent encodeURI encodeURIComponent escape eval globalThis
    isFinite isNaN parseFloat parseInt undefined unescape WebAssembly"""
_BROWSERS = """AbortController AbortSignal Audio Blob BroadcastChannel ByteLengthQueuingStrategy
    CSS CSSStyleSheet CountQueuingStrategy CustomEvent DOMException DOMParser DOMRect Document
    DocumentFragment DragEvent Element Event EventSource EventTarget File FileList FileReader
    FocusEvent FormData HTMLElement Headers IDBKeyRange Image ImageData InputEvent
    IntersectionObserver KeyboardEvent MediaQueryList MediaRecorder MessageChannel MessageEvent
    MouseEvent MutationObserver Node NodeFilter NodeList Notification OffscreenCanvas Path2D
    PerformanceObserver PointerEvent ProgressEvent PromiseRejectionEvent Range ReadableStream
    Request ResizeObserver Response ServiceWorker SharedWorker Storage StorageEvent SubmitEvent Text
    TextDecoder TextEncoder TouchEvent TransformStream UIEvent URL URLSearchParams WebSocket
    WheelEvent Window Worker WritableStream XMLHttpRequest XMLSerializer addEventListener alert
    atob btoa caches cancelAnimationFrame cancelIdleCallback clearInterval clearTimeout close
    confirm console crypto customElements devicePixelRatio dispatchEvent document fetch frames
    getComputedStyle getSelection history importScripts indexedDB innerHeight innerWidth location
    localStorage matchMedia name navigator open origin outerHeight outerWidth parent performance
    postMessage print prompt queueMicrotask removeEventListener reportError requestAnimationFrame
    requestIdleCallback screen scroll scrollBy scrollTo scrollX scrollY self sessionStorage
    setInterval setTimeout structuredClone top visualViewport window"""
_NODE = """Buffer __dirname __filename clearImmediate exports global module process require
    setImmediate Bun Deno"""
_TESTS = """afterAll afterEach assert before after beforeAll beforeEach chai cy Cypress describe
    expect fail fdescribe fit it jasmine jest sinon suite test vi xdescribe xit $ jQuery"""

JAVASCRIPT = frozenset(" ".join((_LANGUAGE, _BROWSERS, _NODE, _TESTS)).split())
