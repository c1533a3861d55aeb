import { loadContainersConf } from "@containers/common/config/containers-conf";
import { describe, expect, it } from "vitest";
import { refuseConfig, refuseRuntime } from "./refuse-config.ts";

const config = loadContainersConf();
const withEngine = (changes: Partial<typeof config.engine>) => ({ ...config, engine: { ...config.engine, ...changes } });

describe("what containers.conf asks of the engine", () => {
  it("is taken where it can be had, and refused in the original's words", () => {
    expect(() => refuseConfig(withEngine({ lockType: "file", databaseBackend: "sqlite" }))).not.toThrow();
    expect(() => refuseConfig(withEngine({ lockType: "spin" }))).toThrow("unknown lock type spin: invalid argument");
    expect(() => refuseConfig(withEngine({ databaseBackend: "boltdb" }))).toThrow("boltdb is deprecated");
    expect(() => refuseConfig(withEngine({ databaseBackend: "x" }))).toThrow('unsupported database backend: "x"');
    expect(() => refuseConfig(withEngine({ databaseBackend: "x" }), { dbBackend: "sqlite" })).not.toThrow();
  });

  it("has one way to make networks and one view of containers", () => {
    const cni = { ...config, network: { ...config.network, networkBackend: "cni" } };
    const message = 'cni support is not enabled in this build, only netavark. Got unsupported network backend "cni"';
    expect(() => refuseConfig(cni)).toThrow(message);
    expect(() => refuseConfig(cni, { networkBackend: "netavark" })).not.toThrow();
    expect(() => refuseConfig(config, { networkBackend: "cni" })).toThrow(message);
    expect(() => refuseConfig(config, { namespace: "mine" })).toThrow("namespaces are not supported");
    expect(() => refuseConfig(config, { namespace: "" })).not.toThrow();
  });

  it("lets no runtime be used that is said not to write JSON", () => {
    expect(() => refuseRuntime(withEngine({ runtimeSupportsJson: ["runc"] }), "crun")).toThrow("runtime_supports_json without crun");
    expect(() => refuseRuntime(withEngine({ runtimeSupportsJson: ["runc"] }), "mine")).not.toThrow();
  });
});
