import { describe, expect, it } from "vitest";
import { editDistance, nearest, suggest } from "./suggest.ts";

describe("suggestions", () => {
  it.each([
    ["name", "name", 0],
    ["nmae", "name", 1],
    ["detatch", "detach", 1],
    ["", "abc", 3],
    ["imagse", "images", 1],
    ["publsih", "publish", 1],
  ])("%s is so far from %s: %i", (from, to, distance) => {
    expect(editDistance(from, to)).toBe(distance);
    expect(editDistance(to, from)).toBe(distance);
  });

  it("names the nearest flag, and none when nothing is near", () => {
    expect(nearest("nmae", ["env", "name", "mac"])).toBe("name");
    expect(nearest("xyzzy", ["env", "name", "mac"])).toBeUndefined();
  });

  it("lists commands within two edits or that the word begins", () => {
    expect(suggest("imagse", ["image", "images", "import"])).toEqual(["image", "images"]);
    expect(suggest("ima", ["image", "images", "run"])).toEqual(["image", "images"]);
  });
});
