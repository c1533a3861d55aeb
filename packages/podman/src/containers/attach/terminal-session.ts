import { closeSync, constants, openSync, writeSync } from "node:fs";
import type { Sys } from "@containers/common/sys/sys";

/** The user's terminal while it is lent to a container. */
export interface TerminalSession {
  /** Tells the container the size of the window. */
  resize(): void;
  /** Gives the terminal back as it was. */
  restore(): void;
}

/** Puts the terminal on descriptor 0 into raw mode and keeps the container's window as large as it. Does nothing for what is no terminal. */
export function lendTerminal(sys: Sys, bundle: string): TerminalSession {
  if (!sys.isTerminal(0)) return { resize: () => undefined, restore: () => undefined };
  const before = sys.makeRaw(0);
  const resize = (): void => sendSize(sys, bundle);
  process.on("SIGWINCH", resize);
  resize();
  return {
    resize,
    restore() {
      process.off("SIGWINCH", resize);
      sys.setTerminalAttributes(0, before);
    },
  };
}

/** `1 HEIGHT WIDTH` to the monitor's control fifo; a monitor that has gone needs no size. */
function sendSize(sys: Sys, bundle: string): void {
  try {
    const { rows, columns } = sys.getWindowSize(0);
    const fd = openSync(`${bundle}/ctl`, constants.O_WRONLY | constants.O_NONBLOCK);
    writeSync(fd, `1 ${rows} ${columns}\n`);
    closeSync(fd);
  } catch {
    // The container ended between two events of the terminal.
  }
}
