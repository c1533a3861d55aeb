import { ToolError } from "@containers/common/errors/tool-error";
import { describe, expect, it } from "vitest";
import { errorReply, HttpError, httpError, withStatuses } from "./errors-to-http.ts";
import { readFilters, readQuery } from "./query.ts";

const request = (search: string, isLibpod = false) => ({ url: `/x?${search}`, query: new URLSearchParams(search), isLibpod });

describe("parameters", () => {
  it("are read by kind; others are ignored", () => {
    expect(
      readQuery(request("all=1&limit=5&name=a&names=b&names=c&other=x"), {
        all: "bool",
        limit: "int",
        name: "string",
        names: "strings",
        no: "bool",
      }),
    ).toEqual({
      all: true,
      limit: 5,
      name: "a",
      names: ["b", "c"],
      no: undefined,
    });
  });

  it("are truth for Docker unless they say no, and strict for libpod", () => {
    expect(["yes", "0", "None", "false"].map((text) => readQuery(request(`a=${text}`), { a: "bool" }).a)).toEqual([
      true,
      false,
      false,
      false,
    ]);
    expect(readQuery(request("a=t", true), { a: "bool" }).a).toBe(true);
    expect(() => readQuery(request("a=yes", true), { a: "bool" })).toThrow(
      'failed to parse parameters for /x?a=yes: schema: error converting value for "a"',
    );
    expect(() => readQuery(request("a=x"), { a: "int" })).toThrow(HttpError);
    for (const bad of ["-1", "70000", "x"]) expect(() => readQuery(request(`a=${bad}`), { a: "uint16" })).toThrow("error converting value");
  });

  it("hold filters as a map of lists, or Docker's older map of maps", () => {
    const filters = (value: unknown) =>
      readFilters(request(`filters=${encodeURIComponent(typeof value === "string" ? value : JSON.stringify(value))}`));
    expect(filters({ a: ["b", "c"] })).toEqual({ a: ["b", "c"] });
    expect(filters({ a: { b: true, c: false } })).toEqual({ a: ["b"] });
    expect(filters({ a: { b: false }, c: [], d: null })).toEqual({});
    expect(readFilters(request(""))).toEqual({});
    for (const bad of ["x", "[]", '{"a":"b"}', ""]) expect(() => filters(bad)).toThrow(HttpError);
  });
});

describe("refusals", () => {
  it.each([
    [undefined, "failed to parse parameters for /x?filters=x: "],
    ["failed to parse filters for /x", "failed to parse filters for /x: "],
    ["", ""],
  ])("begin as the endpoint has it: %s", (context, begin) => {
    const message = `${begin}invalid character 'x' looking for beginning of value`;
    expect(() => readFilters(request("filters=x"), context === undefined ? {} : { context })).toThrow(message);
  });
});

describe("errors as answers", () => {
  const body = (error: unknown) => JSON.parse(String(errorReply(error).body)) as unknown;

  it.each([
    ["unable to parse signal value: invalid signal: x", "invalid signal: x"],
    ['a: failed to parse value as time or duration: "x"', 'failed to parse value as time or duration: "x"'],
    ["decode(): invalid IP address: x", "invalid IP address: x"],
    [
      'normalizing image: normalizing name for compat API: parsing reference "A!": bad',
      'normalizing name for compat API: parsing reference "A!": bad',
    ],
    ["invalid detach keys: Unknown character: 'x'", "Unknown character: 'x'"],
  ])("name as cause what is one error with the original: %s", (message, cause) => {
    expect(body(new Error(message))).toEqual({ cause, message, response: 500 });
  });

  it("have the original's keys, and the innermost cause", () => {
    const error = new ToolError("not-found", 'no container with name or ID "a: b" found: no such container');
    expect(body(error)).toEqual({ cause: "no such container", message: error.message, response: 404 });
    expect(body(new ToolError("internal", "outer", { cause: new Error("middle: inner") }))).toEqual({
      cause: "inner",
      message: "outer: middle: inner",
      response: 500,
    });
    expect(body(new HttpError(400, "bad: thing"))).toEqual({ cause: "bad: thing", message: "bad: thing", response: 400 });
    expect(body(httpError(409, error))).toEqual({ cause: "no such container", message: error.message, response: 409 });
  });

  it("have other statuses where a route says so", async () => {
    const failing = () =>
      withStatuses({ "in-use": 409 }, () => {
        throw new ToolError("in-use", "it is used");
      });
    await expect(failing()).rejects.toMatchObject({ status: 409 });
  });
});
