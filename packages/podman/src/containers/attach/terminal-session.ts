import type { Sys } from "@containers/common/sys/sys";
import { resizeTerminal } from "../resize.ts";

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
  const resize = (): void => resizeTerminal(bundle, sys.getWindowSize(0));
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
