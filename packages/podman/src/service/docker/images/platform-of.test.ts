import { describe, expect, it } from "vitest";
import { platformOf, splitPlatform } from "./platform-of.ts";

describe("platforms of requests", () => {
  it.each([
    ["", undefined],
    ["linux", { os: "linux" }],
    ["arm64", { os: "linux", architecture: "arm64" }],
    ["linux/arm/v7", { os: "linux", architecture: "arm", variant: "v7" }],
  ])("are read: %s", (text, platform) => {
    expect(platformOf(text)).toEqual(platform);
  });

  it.each([
    ["bogus", "unknown operating system or architecture"],
    ["a/b/c/d", "cannot parse platform specifier"],
  ])("are refused: %s", (text, why) => {
    expect(() => platformOf(text)).toThrow(`invalid platform syntax for --platform="${text}": "${text}": ${why}: invalid argument`);
    expect(splitPlatform(text)).toBeDefined();
  });
});
