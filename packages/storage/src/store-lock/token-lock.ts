import fs from "node:fs";
import path from "node:path";
import type { Sys } from "@containers/common/sys/sys";
import { errnoCode } from "@containers/common/sys/sys-error";

const TOKEN_SIZE = 64;

/** A lock over records, with a token by which readers know whether somebody wrote. */
export interface RecordLock {
  /** How often this process has taken the lock without giving it back. */
  readonly depth: number;
  read<T>(action: () => T): T;
  write<T>(action: () => T): T;
  /** The last writer's token, to be compared for equality; empty when there is none to rely on. The lock must be held. */
  token(): string;
  /** Records that the holder is about to change what the lock protects; returns the new token. Must come before the change. */
  recordWrite(): string;
}

/**
 * A lock file as containers/storage keeps it: the lock is an open-file-description lock on the whole file, released by
 * the kernel when its holder dies, and the content names the last writer, so that a reader knows when to read again.
 *
 * Held only by synchronous code, hence never across two tasks of this process; taken again by the holder it just counts.
 */
export class TokenLock implements RecordLock {
  readonly path: string;
  readonly #sys: Sys;
  readonly #readOnly: boolean;
  #fd = -1;
  #depth = 0;
  #kind: "read" | "write" = "read";
  #counter = 0n;

  /** A read-only lock belongs to a store that may not be written: where it cannot be made, nothing is locked. */
  constructor(sys: Sys, lockPath: string, options: { readonly readOnly?: boolean } = {}) {
    this.#sys = sys;
    this.path = lockPath;
    this.#readOnly = options.readOnly === true;
  }

  read<T>(action: () => T): T {
    return this.#hold("read", action);
  }

  write<T>(action: () => T): T {
    if (this.#readOnly) throw new Error(`${this.path} is a read-only lock`);
    return this.#hold("write", action);
  }

  /** How often this process has taken the lock without giving it back. */
  get depth(): number {
    return this.#depth;
  }

  /** The last writer's token, to be compared for equality; empty before the first write. The lock must be held. */
  token(): string {
    if (this.#fd === -1) return "";
    const buffer = Buffer.alloc(TOKEN_SIZE);
    return buffer.toString("latin1", 0, fs.readSync(this.#fd, buffer, 0, TOKEN_SIZE, 0));
  }

  /** Records that the holder is about to change what the lock protects; returns the new token. Must come before the change. */
  recordWrite(): string {
    if (this.#depth === 0 || this.#kind !== "write") throw new Error(`${this.path} is not held for writing`);
    const token = Buffer.alloc(TOKEN_SIZE);
    crypto.getRandomValues(token);
    token.writeBigUInt64LE(BigInt(Date.now()) * 1_000_000n, 0);
    token.writeBigUInt64LE(++this.#counter, 8);
    token.writeUInt32LE(process.pid, 16);
    fs.writeSync(this.#fd, token, 0, TOKEN_SIZE, 0);
    return token.toString("latin1");
  }

  #hold<T>(kind: "read" | "write", action: () => T): T {
    if (this.#depth > 0) {
      if (kind === "write" && this.#kind === "read") throw new Error(`${this.path} is held for reading only`);
      this.#depth++;
    } else {
      this.#fd = this.#open();
      try {
        if (this.#fd !== -1) this.#sys.ofdLock(this.#fd, kind, true);
      } catch (error) {
        this.#close();
        throw error;
      }
      this.#depth = 1;
      this.#kind = kind;
    }
    try {
      return action();
    } finally {
      if (--this.#depth === 0) this.#close();
    }
  }

  #open(): number {
    const flags = fs.constants.O_CREAT | (this.#readOnly ? fs.constants.O_RDONLY : fs.constants.O_RDWR);
    try {
      return fs.openSync(this.path, flags, 0o644);
    } catch (error) {
      if (errnoCode(error) === "ENOENT" && !this.#readOnly) {
        fs.mkdirSync(path.dirname(this.path), { recursive: true, mode: 0o700 });
        return fs.openSync(this.path, flags, 0o644);
      }
      if (!this.#readOnly) throw error;
    }
    try {
      return fs.openSync(this.path, fs.constants.O_RDONLY);
    } catch {
      return -1;
    }
  }

  #close(): void {
    if (this.#fd !== -1) fs.closeSync(this.#fd);
    this.#fd = -1;
  }
}
