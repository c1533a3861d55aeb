import { describe, expect, it } from "vitest";
import { unpackGuard } from "./unpack-limit.ts";

const GIB = 2 ** 30;

describe("what a layer may unpack to", () => {
  it("is anything below the limit, and anything that is in proportion", () => {
    const check = unpackGuard({});
    expect(() => check(1, 16 * GIB)).not.toThrow();
    expect(() => check(GIB, 200 * GIB)).not.toThrow();
  });

  it("is refused beyond both, with the way to allow it", () => {
    const check = unpackGuard({});
    expect(() => check(16 << 20, 16 * GIB + 1)).toThrow("decompression bomb");
    expect(() => unpackGuard({ CONTAINERS_UNPACK_LIMIT: "32g" })(16 << 20, 16 * GIB + 1)).not.toThrow();
    expect(() => unpackGuard({ CONTAINERS_UNPACK_LIMIT: "1m" })(1 << 10, 2 << 20)).toThrow("1048576 bytes");
  });

  it("must be a size", () => {
    expect(() => unpackGuard({ CONTAINERS_UNPACK_LIMIT: "much" })).toThrow("CONTAINERS_UNPACK_LIMIT");
  });
});
