import { describe, expect, it, test } from "vitest";
import { findHeadEnd, MalformedRequest, parseHead } from "./request-head.ts";

const parse = (...lines: string[]) => parseHead(Buffer.from([...lines, "", ""].join("\r\n"), "latin1"));
const refused = (...lines: string[]): number => {
  try {
    parse(...lines);
    return 0;
  } catch (error) {
    if (error instanceof MalformedRequest) return error.status;
    throw error;
  }
};

describe("a request's head", () => {
  it("is understood", () => {
    const head = parse("POST /v1.41/a?b=c HTTP/1.1", "Host: d", "X-A: 1", "x-a:2 ", "Content-Length: 12", "Expect: 100-continue");
    expect(head).toMatchObject({ method: "POST", target: "/v1.41/a?b=c", minorVersion: 1, close: false, expectsContinue: true });
    expect(head.body).toEqual({ kind: "length", length: 12 });
    expect(head.headers.get("x-a")).toBe("1, 2");
  });

  it("says how the body is framed and whether the connection stays", () => {
    expect(parse("GET / HTTP/1.1", "Host: d").body).toEqual({ kind: "none" });
    expect(parse("GET / HTTP/1.1", "Host: d", "Transfer-Encoding: chunked").body).toEqual({ kind: "chunked" });
    expect(parse("GET / HTTP/1.0").close).toBe(true);
    expect(parse("GET / HTTP/1.0", "Connection: keep-alive").close).toBe(false);
    expect(parse("GET / HTTP/1.1", "Host: d", "Connection: close").close).toBe(true);
    expect(parse("GET http://d:1/x?y HTTP/1.1", "Host: d").target).toBe("/x?y");
  });

  it("ends with an empty line", () => {
    expect(findHeadEnd(Buffer.from("GET / HTTP/1.1\r\nHost: d\r\n"))).toBe(-1);
    expect(findHeadEnd(Buffer.from("a\r\n\r\nbody"))).toBe(5);
    expect(findHeadEnd(Buffer.from("a\n\nbody"))).toBe(3);
  });

  test.each([
    [400, ["GARBAGE"]],
    [400, ["GET  / HTTP/1.1", "Host: d"]],
    [505, ["GET / HTTP/2.0", "Host: d"]],
    [400, ["GET / HTTP/1.1"]],
    [400, ["GET x HTTP/1.1", "Host: d"]],
    [400, ["GET / HTTP/1.1", "Host: d", "no colon"]],
    [400, ["GET / HTTP/1.1", "Host: d", "A : b"]],
    [400, ["GET / HTTP/1.1", "Host: d", "A: b", " folded"]],
    [400, ["GET / HTTP/1.1", "Host: d", "Host: e"]],
    [400, ["POST / HTTP/1.1", "Host: d", "Content-Length: 1", "Content-Length: 2"]],
    [400, ["POST / HTTP/1.1", "Host: d", "Content-Length: -1"]],
    [400, ["POST / HTTP/1.1", "Host: d", "Content-Length: 1", "Transfer-Encoding: chunked"]],
    [501, ["POST / HTTP/1.1", "Host: d", "Transfer-Encoding: gzip, chunked"]],
    [431, ["GET / HTTP/1.1", "Host: d", ...Array.from({ length: 2001 }, (_, at) => `A${at}: b`)]],
  ])("is refused with %i: %j", (status, lines) => expect(refused(...lines)).toBe(status));
});
