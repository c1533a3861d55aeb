import { expect, test } from "vitest";
import { multipartBoundary, multipartParts } from "./multipart.ts";

async function* inPieces(text: string, size: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const part = (name: string, content: string) =>
  `--xyz\r\nContent-Disposition: form-data; name="${name}"; filename="f.tar"\r\nContent-Type: application/x-tar\r\n\r\n${content}\r\n`;
const form = `${part("MainContext", "one\r\n--xy not yet\r\n")}${part("build-context-ä", "")}${part("last", "three")}--xyz--\r\n`;

test.each([1, 2, 7, 1000])("parts come whole, in pieces of %i bytes", async (size) => {
  const found: Record<string, string> = {};
  for await (const { name, content } of multipartParts(inPieces(form, size), "xyz")) {
    let text = "";
    for await (const bytes of content) text += bytes.toString();
    found[name] = text;
  }
  expect(found).toEqual({ MainContext: "one\r\n--xy not yet\r\n", "build-context-ä": "", last: "three" });
});

test("a part that nobody reads is passed over, and so is what stands before the first", async () => {
  const names: string[] = [];
  for await (const { name } of multipartParts(inPieces(`preamble\r\n${form}`, 5), "xyz")) names.push(name);
  expect(names).toEqual(["MainContext", "build-context-ä", "last"]);
});

test.each([
  ["no boundary at all", "hello"],
  ["an end within a part", form.slice(0, 120)],
  ["a part without a name", "--xyz\r\nContent-Disposition: form-data; filename=x\r\n\r\nx\r\n--xyz--"],
  ["endless headers", `--xyz\r\nA: ${"a".repeat(20_000)}\r\n\r\n`],
])("%s is refused", async (_, text) => {
  const read = async () => {
    for await (const { content } of multipartParts(inPieces(text, 100), "xyz")) for await (const _bytes of content);
  };
  await expect(read()).rejects.toThrow("failed to read multipart");
});

test("a part may say nothing but its type", async () => {
  const read = multipartParts(inPieces("--xyz\r\nContent-Type: application/json\r\n\r\n{}\r\n--xyz--", 9), "xyz");
  const { value } = await read.next();
  expect(value).toMatchObject({ name: "" });
});

test("the last boundary may end without a line end", async () => {
  const names: string[] = [];
  for await (const { name } of multipartParts(inPieces(form.trimEnd(), 50), "xyz")) names.push(name);
  expect(names).toHaveLength(3);
});

test("the boundary is read out of the type", () => {
  expect(multipartBoundary("multipart/form-data; boundary=abc")).toBe("abc");
  expect(multipartBoundary('multipart/form-data; charset=x; boundary="a b"')).toBe("a b");
  expect(multipartBoundary("multipart/mixed; boundary=abc")).toBeUndefined();
  expect(multipartBoundary("application/x-tar")).toBeUndefined();
});
