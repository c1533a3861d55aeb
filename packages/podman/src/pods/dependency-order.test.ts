import { describe, expect, it } from "vitest";
import { dependencyOrder } from "./dependency-order.ts";

describe("dependencyOrder", () => {
  it("puts what others need first, and what is independent together", () => {
    const order = dependencyOrder([
      { id: "web", dependencies: ["infra", "db"] },
      { id: "db", dependencies: ["infra"] },
      { id: "cache", dependencies: ["infra"] },
      { id: "infra", dependencies: [] },
    ]);
    expect(order).toEqual([["infra"], ["db", "cache"], ["web"]]);
  });

  it("does not wait for containers outside, nor for ever in a cycle", () => {
    expect(dependencyOrder([{ id: "a", dependencies: ["elsewhere"] }])).toEqual([["a"]]);
    expect(
      dependencyOrder([
        { id: "a", dependencies: ["b"] },
        { id: "b", dependencies: ["a"] },
        { id: "c", dependencies: [] },
      ]),
    ).toEqual([["c"], ["a", "b"]]);
  });
});
