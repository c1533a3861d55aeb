import { describe, expect, it } from "vitest";
import type { ApiRequest } from "../../route.ts";
import { requireReadable } from "./require-readable.ts";

const check = (search: string, isLibpod = true): void =>
  requireReadable({ url: `/build?${search}`, query: new URLSearchParams(search), isLibpod } as ApiRequest);

describe("a build's parameters", () => {
  it.each([
    "squash=1&layers=false&memory=5",
    'buildargs={"a":"b"}&devices=["/dev/null"]',
    "platform=linux/arm64,amd64",
    "annotations=&jobs=",
  ])("may be %s", (search) => {
    expect(() => check(search)).not.toThrow();
  });

  it.each([
    ["squash=x", 'schema: error converting value for "squash"'],
    ["memory=x", 'schema: error converting value for "memory"'],
    [
      "platform=bogus",
      `failed to parse query parameter 'platform': "bogus": invalid platform syntax for --platform="bogus": "bogus": unknown`,
    ],
    ["devices=x", `failed to parse query parameter 'devices': "x": []string: decode slice: expect [ or n, but found x`],
    ["buildargs=[]", `failed to parse query parameter 'buildargs': "[]": ReadMapCB: expect { or n, but found [`],
  ])("may not be %s", (search, message) => {
    expect(() => check(search)).toThrow(message);
  });

  it("are truth for Docker's clients whatever they say", () => {
    expect(() => check("squash=x", false)).not.toThrow();
  });
});
