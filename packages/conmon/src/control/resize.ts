import type { MonitorSys, WindowSize } from "@containers/common/sys/sys";
import { type Diagnostics, reason } from "../diagnostics.ts";

/** Applies window sizes to the container's terminal; one that comes before the terminal is there is kept for it. */
export class TerminalSize {
  readonly #sys: MonitorSys;
  readonly #diagnostics: Diagnostics;
  #terminal: number | undefined;
  #wanted: WindowSize | undefined;

  constructor(sys: MonitorSys, diagnostics: Diagnostics) {
    this.#sys = sys;
    this.#diagnostics = diagnostics;
  }

  setTerminal(master: number): void {
    this.#terminal = master;
    if (this.#wanted !== undefined) this.resize(this.#wanted);
  }

  resize(size: WindowSize): void {
    this.#wanted = size;
    if (this.#terminal === undefined) return;
    try {
      this.#sys.setWindowSize(this.#terminal, size);
    } catch (error) {
      this.#diagnostics.warn(`Failed to set process pty terminal size: ${reason(error)}`);
    }
  }
}
