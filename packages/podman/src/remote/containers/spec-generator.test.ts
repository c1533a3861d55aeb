import { describe, expect, it } from "vitest";
import type { ContainerSpec } from "../../container-spec/container-spec.ts";
import { specGenerator } from "./spec-generator.ts";

const bare: ContainerSpec = { image: "alpine", network: {}, namespaces: {}, security: {}, resources: {} };
const of = (spec: Partial<ContainerSpec>) => specGenerator({ ...bare, ...spec });

describe("the body of containers/create", () => {
  it("says nothing of what was not asked for", () => {
    expect(of({})).toEqual({
      annotations: {},
      cgroupns: {},
      image: "alpine",
      ipcns: {},
      log_configuration: {},
      netns: {},
      pidns: {},
      privileged: false,
      publish_image_ports: false,
      raw_image_name: "alpine",
      read_write_tmpfs: false,
      remove: false,
      stdin: false,
      terminal: false,
      use_image_hostname: false,
      use_image_hosts: false,
      use_image_resolve_conf: false,
      utsns: {},
      volatile: false,
    });
  });

  it("has mounts by their kinds", () => {
    const body = of({
      volumes: [
        { type: "bind", source: "/tmp", target: "/x", options: ["ro"] },
        { type: "volume", name: "vol", target: "/y", options: [], subpath: "/a" },
        { type: "volume", target: "/anonymous", options: [] },
        { type: "tmpfs", target: "/z", options: ["size=10m"] },
        { type: "bind", source: "/etc", target: "/over", options: ["O"] },
        { type: "image", source: "base", target: "/im", readWrite: false },
      ],
      devices: [{ source: "/dev/null", target: "/dev/n", permissions: "r" }],
    });
    expect(body).toMatchObject({
      mounts: [
        { destination: "/x", type: "bind", source: "/tmp", options: ["ro"] },
        { destination: "/z", type: "tmpfs", source: "tmpfs", options: ["size=10m"] },
      ],
      volumes: [
        { Name: "vol", Dest: "/y", SubPath: "/a" },
        { Name: "", Dest: "/anonymous", SubPath: "" },
      ],
      overlay_volumes: [{ destination: "/over", source: "/etc", options: ["O"] }],
      image_volumes: [{ Source: "base", Destination: "/im", ReadWrite: false }],
      devices: [{ path: "/dev/null:/dev/n:r" }],
    });
  });

  it("has limits as a runtime has them", () => {
    expect(of({ resources: { memory: 1 << 20, cpus: 1.5, pidsLimit: 50, ulimits: [{ name: "nofile", soft: 1, hard: 2 }] } })).toMatchObject(
      {
        resource_limits: { memory: { limit: 1 << 20, swap: 2 << 20 }, cpu: { quota: 150_000, period: 100_000 }, pids: { limit: 50 } },
        r_limits: [{ type: "nofile", soft: 1, hard: 2 }],
        annotations: { "io.podman.annotations.pids-limit": "50" },
      },
    );
  });

  it("writes a limit that is none as the largest number, digit for digit", () => {
    const body = of({ resources: { ulimits: [{ name: "core", soft: -1, hard: -1 }] } });
    expect(JSON.stringify(body)).toContain('"hard":18446744073709551615,"soft":18446744073709551615');
  });

  it("gives the flags of the only network to the first", () => {
    const network = {
      mode: { kind: "bridge" },
      networks: { one: { aliases: ["a"] }, two: {} },
      staticIps: ["10.0.0.9"],
      aliases: ["b"],
    } as const;
    expect(of({ network })).toMatchObject({
      netns: { nsmode: "bridge" },
      Networks: { one: { aliases: ["a", "b"], static_ips: ["10.0.0.9"] }, two: { aliases: ["b"] } },
    });
    expect(of({ network: { staticMac: "92:d0:c6:0a:29:33" } })).toMatchObject({
      Networks: { default: { static_mac: "92:d0:c6:0a:29:33" } },
    });
    expect(of({ network: { mode: { kind: "pasta" }, modeOptions: ["-4"] } })).toMatchObject({
      netns: { nsmode: "pasta" },
      network_options: { pasta: ["-4"] },
    });
  });

  it("has user namespaces with their maps", () => {
    const user = (mode: ContainerSpec["namespaces"]["user"]) => of({ namespaces: { ...(mode === undefined ? {} : { user: mode }) } });
    expect(user({ kind: "keep-id", uid: 5 })).toMatchObject({ userns: { nsmode: "keep-id", value: "uid=5" } });
    expect(user({ kind: "maps", uidMaps: ["0:100000:5000"], gidMaps: [] })).toMatchObject({
      userns: { nsmode: "private" },
      idmappings: {
        UIDMap: [{ container_id: 0, host_id: 100_000, size: 5000 }],
        GIDMap: [{ container_id: 0, host_id: 100_000, size: 5000 }],
      },
    });
    expect(() => user({ kind: "maps", uidMaps: ["+u0:@1"], gidMaps: [] })).toThrow(/remote podman client/);
  });
});
