import { loadContainersConf } from "@containers/common/config/containers-conf";
import { describe, expect, it } from "vitest";
import { refuseConfig, refuseRuntime } from "./refuse-config.ts";

const config = loadContainersConf();
const withEngine = (changes: Partial<typeof config.engine>) => ({ engine: { ...config.engine, ...changes } });

describe("what containers.conf asks of the engine", () => {
  it("is taken where it can be had, and refused in the original's words", () => {
    expect(() => refuseConfig(withEngine({ lockType: "file", databaseBackend: "sqlite" }))).not.toThrow();
    expect(() => refuseConfig(withEngine({ lockType: "spin" }))).toThrow("unknown lock type spin: invalid argument");
    expect(() => refuseConfig(withEngine({ databaseBackend: "boltdb" }))).toThrow("boltdb is deprecated");
    expect(() => refuseConfig(withEngine({ databaseBackend: "x" }))).toThrow('unsupported database backend: "x"');
    expect(() => refuseConfig(withEngine({ databaseBackend: "x" }), { dbBackend: "sqlite" })).not.toThrow();
  });

  it("lets no runtime be used that is said not to write JSON", () => {
    expect(() => refuseRuntime(withEngine({ runtimeSupportsJson: ["runc"] }), "crun")).toThrow("runtime_supports_json without crun");
    expect(() => refuseRuntime(withEngine({ runtimeSupportsJson: ["runc"] }), "mine")).not.toThrow();
  });
});
