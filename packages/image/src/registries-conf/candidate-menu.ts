import { readSync, writeSync } from "node:fs";
import { isTerminal } from "@containers/common/cli/output";
import { ToolError } from "@containers/common/errors/tool-error";
import { linuxSys } from "@containers/common/sys/linux";

/** Lets the user choose one of several names; throws cancelled when there is no choice. */
export type CandidateMenu = (names: readonly string[]) => string;

/** How many names are shown at a time. */
const WINDOW = 5;

export interface MenuTerminal {
  /** The next byte typed; undefined at the end of input. */
  readByte(): number | undefined;
  write(text: string): void;
}

/** The menu on standard input and output; undefined when either is no terminal, so that nobody could answer. */
export function terminalMenu(): CandidateMenu | undefined {
  if (!isTerminal(0) || !isTerminal(1)) return undefined;
  return (names) => {
    const sys = linuxSys();
    const saved = sys.makeRaw(0);
    const byte = Buffer.alloc(1);
    try {
      return chooseFrom(names, {
        readByte: () => (readSync(0, byte) === 0 ? undefined : byte[0]),
        write: (text) => void writeSync(1, text),
      });
    } finally {
      sys.setTerminalAttributes(0, saved);
    }
  };
}

/**
 * Shows the names, moves by the arrow keys (also j, k and control-n, control-p), and gives the one that return was pressed on.
 *
 * @throws cancelled on control-C, control-D and the end of input
 */
export function chooseFrom(names: readonly string[], terminal: MenuTerminal): string {
  let at = 0;
  let shown = draw(names, at, terminal);
  for (;;) {
    const key = readKey(terminal);
    if (key === "interrupt") {
      erase(shown, terminal);
      throw new ToolError("cancelled", "^C", { hint: "use the full name of the image" });
    }
    if (key === "up") at = Math.max(0, at - 1);
    if (key === "down") at = Math.min(names.length - 1, at + 1);
    erase(shown, terminal);
    if (key === "enter") {
      const chosen = names[at] ?? "";
      terminal.write(`✔ ${chosen}\r\n`);
      return chosen;
    }
    shown = draw(names, at, terminal);
  }
}

/** @returns how many lines it took */
function draw(names: readonly string[], at: number, terminal: MenuTerminal): number {
  const start = Math.max(0, Math.min(at - WINDOW + 1, names.length - WINDOW));
  const window = names.slice(start, start + WINDOW);
  const lines = window.map((name, index) => (start + index === at ? `  ▸ \x1b[4m${name}\x1b[0m` : `    ${name}`));
  terminal.write(["? Please select an image: ", ...lines].map((line) => `${line}\r\n`).join(""));
  return lines.length + 1;
}

function erase(lines: number, terminal: MenuTerminal): void {
  terminal.write("\x1b[1A\x1b[2K".repeat(lines));
}

function readKey(terminal: MenuTerminal): "up" | "down" | "enter" | "interrupt" | "other" {
  const byte = terminal.readByte();
  if (byte === undefined || byte === 3 || byte === 4) return "interrupt";
  if (byte === 13 || byte === 10) return "enter";
  if (byte === 14 || byte === 0x6a) return "down";
  if (byte === 16 || byte === 0x6b) return "up";
  if (byte !== 27) return "other";
  const bracket = terminal.readByte();
  if (bracket !== 0x5b && bracket !== 0x4f) return "other";
  const letter = terminal.readByte();
  return letter === 0x41 ? "up" : letter === 0x42 ? "down" : "other";
}
