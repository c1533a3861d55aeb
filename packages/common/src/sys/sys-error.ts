/** A system call that failed: errno as number and name, the call, and the path or object it was about. */
export class SysError extends Error {
  override readonly name: string = "SysError";
  readonly errno: number;
  /** The errno's name, `ENOENT`: the same property Node's own errors carry. */
  readonly code: string;
  readonly syscall: string;
  readonly path: string | undefined;

  constructor(failure: { errno: number; code: string; text: string; syscall: string; path?: string }) {
    super(`${failure.syscall}${failure.path === undefined ? "" : ` ${failure.path}`}: ${failure.text}`);
    this.errno = failure.errno;
    this.code = failure.code;
    this.syscall = failure.syscall;
    this.path = failure.path;
  }
}

/** The errno name of a failed system call, whether it came from here or from `node:fs`; undefined for any other error. */
export function errnoCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" && /^E[A-Z0-9]+$/.test(error.code) ? error.code : undefined;
}
