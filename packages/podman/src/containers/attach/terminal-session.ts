import type { Sys, WindowSize } from "@containers/common/sys/sys";

/** The user's terminal while it is lent to a container. */
export interface TerminalSession {
  /** Gives the terminal back as it was. */
  restore(): void;
}

/** Puts the terminal on descriptor 0 into raw mode and tells its size, now and whenever it changes. Does nothing for what is no terminal. */
export function lendTerminal(sys: Sys, tellSize: (size: WindowSize) => void): TerminalSession {
  if (!sys.isTerminal(0)) return { restore: () => undefined };
  const before = sys.makeRaw(0);
  const resize = (): void => tellSize(sys.getWindowSize(0));
  process.on("SIGWINCH", resize);
  resize();
  return {
    restore() {
      process.off("SIGWINCH", resize);
      sys.setTerminalAttributes(0, before);
    },
  };
}
