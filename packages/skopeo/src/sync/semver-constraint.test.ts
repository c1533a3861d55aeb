import { describe, expect, it } from "vitest";
import { semverConstraint } from "./semver-constraint.ts";

describe("semverConstraint", () => {
  it.each([
    [">= 3.12.0", ["3.12.0", "3.12", "v3.13.1", "4"], ["3.11.9", "latest", "3.12.0-rc1", "edge"]],
    [">=1.2, <2 || =3.0.1", ["1.2.0", "1.99.0", "3.0.1"], ["1.1.9", "2.0.0", "3.0.0"]],
    ["~1.2.3", ["1.2.3", "1.2.9"], ["1.3.0", "1.2.2"]],
    ["~1", ["1.0.0", "1.9.0"], ["2.0.0"]],
    ["^1.2.3", ["1.2.3", "1.9.0"], ["2.0.0", "1.2.2"]],
    ["^0.2.3", ["0.2.3", "0.2.9"], ["0.3.0"]],
    ["^0.0.3", ["0.0.3"], ["0.0.4"]],
    ["1.2.x", ["1.2.0", "1.2.7"], ["1.3.0"]],
    ["*", ["0.0.1", "7.1.0"], ["7.1.0-beta", "no"]],
    ["1.2 - 1.4.5", ["1.2.0", "1.4.5"], ["1.1.0", "1.4.6"]],
    ["!=1.5", ["1.4.0", "2.0.0"], ["1.5.3"]],
    [">1.5", ["1.6.0"], ["1.5.3"]],
    [">= 1.0.0-beta.2", ["1.0.0-beta.11", "1.0.0"], ["1.0.0-beta.1", "1.0.0-alpha"]],
  ])("%s", (constraint, inside, outside) => {
    const matches = semverConstraint(constraint);
    expect([...inside, ...outside].filter(matches)).toEqual(inside);
  });

  it.each(["", "newest", ">= one"])("refuses %j", (text) => {
    expect(() => semverConstraint(text)).toThrow("improper constraint");
  });
});
