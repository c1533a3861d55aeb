import { dlopen, type FFIFunction, type Library, type Pointer, ptr, read } from "bun:ffi";
import { encodeName } from "../../fs/raw-names.ts";
import { sysError } from "../errno.ts";

type Functions = Record<string, FFIFunction>;
type Symbols<F extends Functions> = Library<F>["symbols"];

/**
 * Functions of libc, looked up together on the first call of what this returns: a program pays (some
 * 20 microseconds a function) only for the subjects it uses.
 */
export function lazyLibc<const F extends Functions>(functions: F): () => Symbols<F> {
  return once(() => {
    // The first look at errno would itself change it, so its address is known before any function is called.
    errnoAddress();
    return dlopen("libc.so.6", functions).symbols;
  });
}

/** `make`, called at most once. */
export function once<T>(make: () => T): () => T {
  const made: { value?: { readonly of: T } } = {};
  return () => (made.value ??= { of: make() }).of;
}

/** errno's address belongs to the thread; a worker has its own copy of this module, hence its own address. */
const errnoAddress = once(() => {
  const libc = dlopen("libc.so.6", { __errno_location: { args: [], returns: "ptr" } });
  return libc.symbols.__errno_location() as Pointer;
});

export function errno(): number {
  return read.i32(errnoAddress(), 0);
}

/** The result of a call that answers a negative number on failure; throws what errno says then. */
export function check(result: number | bigint, syscall: string, path?: string): number {
  if (result < 0) throw sysError(errno(), syscall, path);
  return Number(result);
}

export const EINTR = 4;
export const EAGAIN = 11;

/** Like {@link check} for a call that a signal may interrupt: it is made again until it is not. */
export function retry(call: () => number | bigint, syscall: string, path?: string): number {
  for (;;) {
    const result = call();
    if (result >= 0) return Number(result);
    if (errno() !== EINTR) throw sysError(errno(), syscall, path);
  }
}

/** Bytes of a C string. A path with a NUL inside would be cut short silently, so it is refused. */
export function cstring(text: string, syscall = "open"): Uint8Array {
  if (text.includes("\0")) throw sysError(22, syscall, JSON.stringify(text));
  return encodeName(`${text}\0`);
}

/**
 * A NULL-terminated array of C strings (argv, envp). Both buffers must stay referenced until the call is over.
 */
export function stringArray(texts: readonly string[]): { readonly pointers: BigUint64Array; readonly bytes: Uint8Array } {
  const encoded = texts.map((text) => cstring(text, "exec"));
  const bytes = Buffer.concat([...encoded, new Uint8Array(1)]);
  const pointers = new BigUint64Array(texts.length + 1);
  let at = address(bytes);
  for (const [index, text] of encoded.entries()) {
    pointers[index] = at;
    at += BigInt(text.length);
  }
  return { pointers, bytes };
}

/** The address of a view's first byte, for structures that hold pointers. */
export function address(view: NodeJS.TypedArray): bigint {
  return BigInt(ptr(view));
}

/**
 * The address of a part of a buffer, checked to lie inside; the buffer must stay referenced until the call is over. A number, and no view of the
 * part, which would be garbage: a monitor needs one for every piece of output.
 */
export function placeIn(buffer: Uint8Array, offset: number, length: number): Pointer {
  if (offset < 0 || length < 0 || offset + length > buffer.length) throw sysError(14, "buffer", `${offset}+${length} of ${buffer.length}`);
  return length === 0 ? ptr(EMPTY) : ptr(buffer, offset);
}
const EMPTY = new Uint8Array(1);

/** Keeps its arguments alive up to here: a structure's pointers do not count as references. */
export function keepAlive(...values: readonly unknown[]): number {
  return values.length;
}

const SIGSET_SIZE = 128;

/** A sigset_t: bit n-1 stands for signal n. */
export function signalSet(signals: readonly number[]): Uint8Array {
  const set = new Uint8Array(SIGSET_SIZE);
  for (const signal of signals) {
    const bit = signal - 1;
    set[bit >> 3] = (set[bit >> 3] ?? 0) | (1 << (bit & 7));
  }
  return set;
}
