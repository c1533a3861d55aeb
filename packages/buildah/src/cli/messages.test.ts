import { expect, it } from "vitest";
import { messagesOf } from "./messages.ts";

function printed(globals: Readonly<Record<string, unknown>>): string[] {
  const lines: string[] = [];
  const out = { stdout: () => undefined, stderr: (text: string | Uint8Array) => void lines.push(String(text)), isTerminal: false };
  const messages = messagesOf({ globals, out });
  messages.warn("care");
  messages.debug?.(() => "detail");
  return lines.map((line) => line.replace(/^time="\S+Z" /, ""));
}

it.each([
  [{}, ['level=warning msg="care"\n']],
  [{ logLevel: "error" }, []],
  [{ logLevel: "DEBUG" }, ['level=warning msg="care"\n', 'level=debug msg="detail"\n']],
  [{ debug: true }, ['level=warning msg="care"\n', 'level=debug msg="detail"\n']],
])("with %j there is said %j", (globals, lines) => {
  expect(printed(globals)).toEqual(lines);
});

it("a level that there is not is refused", () => {
  expect(() =>
    messagesOf({ globals: { logLevel: "loud" }, out: { stdout: () => undefined, stderr: () => undefined, isTerminal: false } }),
  ).toThrow('unable to parse log level: not a valid logrus Level: "loud"');
});
