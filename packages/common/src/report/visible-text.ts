const TAB = 0x09;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/**
 * Text for a terminal: control characters, which could move the cursor, hide text or set the window's title, stand as `\x1b` does here.
 * Images, registries and logs of others choose much of what is printed. Tabs and ends of lines stay.
 */
export function visibleText(text: string): string {
  let result = "";
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (!isControl(code) || (code === CARRIAGE_RETURN && text.charCodeAt(at + 1) === LINE_FEED)) continue;
    result += `${text.slice(from, at)}\\x${code.toString(16).padStart(2, "0")}`;
    from = at + 1;
  }
  return from === 0 ? text : result + text.slice(from);
}

function isControl(code: number): boolean {
  return code < 0x20 ? code !== TAB && code !== LINE_FEED : code >= 0x7f && code <= 0x9f;
}
