import { ToolError } from "@containers/common/errors/tool-error";
import { signalNumber } from "@containers/common/sys/signals";

/**
 * The number of a signal that a user named, by name or number.
 * @throws ToolError invalid-argument
 */
export function requireSignal(text: string): number {
  const number = signalNumber(text);
  if (number !== undefined) return number;
  const isOutOfRange = /^\d+$/.test(text.trim()) && Number(text) !== 0;
  throw new ToolError("invalid-argument", isOutOfRange ? "valid signals are 1 through 64" : `invalid signal: ${text}`);
}
