import { describe, expect, it } from "vitest";
import { parseSecretFlag } from "./secret-flags.ts";

describe("--secret", () => {
  it("is a name and options", () => {
    expect(parseSecretFlag("s1")).toEqual({ source: "s1", type: "mount" });
    expect(parseSecretFlag("source=s1,target=/k,uid=1000,GID=2,mode=0400")).toEqual({
      source: "s1",
      type: "mount",
      target: "/k",
      uid: 1000,
      gid: 2,
      mode: 0o400,
    });
    expect(parseSecretFlag("s1,type=env,target=KEY")).toEqual({ source: "s1", type: "env", target: "KEY" });
  });

  it("refuses what means nothing", () => {
    expect(() => parseSecretFlag("s1,type=foo")).toThrow("type foo is invalid: parsing secret");
    expect(() => parseSecretFlag("s1,foo=foo")).toThrow("option foo=foo invalid: parsing secret");
    expect(() => parseSecretFlag("s1,type=env,mode=0400")).toThrow("UID, GID, Mode options cannot be set with secret type env");
    expect(() => parseSecretFlag("type=env")).toThrow("no source found");
  });
});
