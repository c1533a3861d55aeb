import { HttpError } from "../errors-to-http.ts";

/** Bytes of a part's headers. */
const HEADER_LIMIT = 16 * 1024;

export interface Part {
  /** Of its `Content-Disposition`; empty for a part that has none. */
  readonly name: string;
  readonly fileName?: string;
  /** Read once, before the next part is asked for; what is not read is passed over. */
  readonly content: AsyncIterable<Buffer>;
}

/** The boundary of a `multipart/form-data`; undefined for any other type. */
export function multipartBoundary(contentType: string): string | undefined {
  if (!/^multipart\/form-data\s*;/i.test(contentType)) return undefined;
  const match = /;\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(contentType);
  return match?.[1] ?? match?.[2];
}

/**
 * The parts of a form as they come (RFC 7578): nothing is held but what may be a boundary.
 * @throws HttpError 400 for a body that is no such form, or ends too early
 */
export async function* multipartParts(body: AsyncIterable<Buffer>, boundary: string): AsyncGenerator<Part> {
  const read = reader(body);
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  // What stands before the first part says nothing.
  await skip(read, delimiter);
  for (;;) {
    const rest = (await collect(read, Buffer.from("\r\n"))).trimEnd();
    if (rest.startsWith("--")) return;
    if (rest !== "") throw malformed("the boundary is followed by other text");
    const names = partNames(await collect(read, Buffer.from("\r\n\r\n")));
    let isDone = false;
    const content = async function* (): AsyncGenerator<Buffer> {
      while (!isDone) {
        const { bytes, isLast } = await read(delimiter);
        isDone = isLast;
        if (bytes.length > 0) yield bytes;
      }
    };
    yield { ...names, content: content() };
    if (!isDone) await skip(read, delimiter);
  }
}

/** Gives bytes up to a delimiter, in pieces; the last comes when the delimiter was met, and is taken out. */
type Read = (delimiter: Buffer) => Promise<{ readonly bytes: Buffer; readonly isLast: boolean }>;

function reader(body: AsyncIterable<Buffer>): Read {
  const source = body[Symbol.asyncIterator]();
  // The first boundary may stand at the very beginning.
  let held = Buffer.from("\r\n");
  let hasEnded = false;
  return async (delimiter) => {
    for (;;) {
      const at = held.indexOf(delimiter);
      if (at >= 0) {
        const bytes = held.subarray(0, at);
        held = held.subarray(at + delimiter.length);
        return { bytes, isLast: true };
      }
      const free = held.length - delimiter.length + 1;
      if (free > 0) {
        const bytes = held.subarray(0, free);
        held = held.subarray(free);
        return { bytes, isLast: false };
      }
      if (hasEnded) throw malformed("unexpected EOF");
      const next = await source.next();
      hasEnded = next.done === true;
      // The end of the last line may be left out.
      held = Buffer.concat([held, next.done === true ? Buffer.from("\r\n") : next.value]);
    }
  };
}

async function skip(read: Read, delimiter: Buffer): Promise<void> {
  while (!(await read(delimiter)).isLast);
}

async function collect(read: Read, delimiter: Buffer): Promise<string> {
  let text = "";
  for (;;) {
    const { bytes, isLast } = await read(delimiter);
    text += bytes.toString("latin1");
    if (text.length > HEADER_LIMIT) throw malformed("the headers of a part are too long");
    if (isLast) return text;
  }
}

function partNames(headers: string): Pick<Part, "name" | "fileName"> {
  const disposition = /^content-disposition:\s*form-data\s*;(.*)$/im.exec(headers)?.[1];
  // The original's client begins a change of a list with a part that says its type alone.
  if (disposition === undefined) return { name: "" };
  const name = parameter(disposition, "name");
  const fileName = parameter(disposition, "filename");
  if (name === undefined) throw malformed("a part has no name");
  return { name, ...(fileName === undefined ? {} : { fileName }) };
}

function parameter(disposition: string, key: string): string | undefined {
  const match = new RegExp(String.raw`(?:^|[;\s])${key}=(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))`, "i").exec(disposition);
  if (match === null) return undefined;
  return Buffer.from(match[1]?.replace(/\\(.)/g, "$1") ?? match[2] ?? "", "latin1").toString("utf8");
}

function malformed(because: string): HttpError {
  return new HttpError(400, `failed to read multipart: ${because}`, { because });
}
