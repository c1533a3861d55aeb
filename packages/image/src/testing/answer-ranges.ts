import type { ServerResponse } from "node:http";

/** Closed ranges, one or several. */
export function askedRanges(header: string): ReadonlyArray<readonly [from: number, to: number]> {
  if (!/^bytes=\d+-\d+(,\d+-\d+)*$/.test(header)) return [];
  return header
    .slice("bytes=".length)
    .split(",")
    .map((range) => range.split("-").map(Number) as [number, number]);
}

/** Answers with one part, or with several in one body. */
export function answerRanges(
  response: ServerResponse,
  bytes: Uint8Array,
  ranges: ReadonlyArray<readonly [from: number, to: number]>,
): void {
  const [first] = ranges;
  if (ranges.length === 1 && first !== undefined) {
    const part = bytes.subarray(first[0], first[1] + 1);
    response.writeHead(206, { "content-range": `bytes ${first[0]}-${first[1]}/${bytes.length}`, "content-length": String(part.length) });
    return void response.end(part);
  }
  const boundary = "here-is-a-boundary";
  const head = (from: number, to: number): Buffer =>
    Buffer.from(
      `\r\n--${boundary}\r\nContent-Type: application/octet-stream\r\nContent-Range: bytes ${from}-${to}/${bytes.length}\r\n\r\n`,
    );
  const body = ranges.flatMap(([from, to]) => [head(from, to), bytes.subarray(from, to + 1)]);
  response.writeHead(206, { "content-type": `multipart/byteranges; boundary=${boundary}` });
  response.end(Buffer.concat([...body, Buffer.from(`\r\n--${boundary}--\r\n`)]));
}
