import type { FlagValues, Invocation } from "@containers/common/cli/define-command";
import { createFlagParser } from "@containers/common/cli/parse-flags";
import { describe, expect, it } from "vitest";
import type { ContainerSpec } from "../../container-spec/container-spec.ts";
import { containerSpec, createFlags } from "./create-flags.ts";

function spec(...argv: string[]): ContainerSpec {
  const parser = createFlagParser();
  parser.add(createFlags);
  const { args } = parser.parse(argv, 0, true);
  return containerSpec({
    flags: parser.values(createFlags) as unknown as FlagValues<typeof createFlags>,
    args,
    globals: {},
    given: parser.given,
    commandPath: "podman run",
    out: { stdout: () => undefined, stderr: () => undefined, isTerminal: false },
  } satisfies Invocation<FlagValues<typeof createFlags>>);
}

describe("flags of run and create", () => {
  it("take the image and what follows it", () => {
    expect(spec("-it", "alpine", "sh", "-c", "-x")).toMatchObject({
      image: "alpine",
      command: ["sh", "-c", "-x"],
      interactive: true,
      tty: true,
    });
    expect(spec("alpine").command).toBeUndefined();
    expect(spec("--rootfs", "/r", "ls")).toMatchObject({ rootfs: "/r", command: ["ls"] });
  });
  it("say what runs", () => {
    expect(
      spec("--entrypoint", '["a","b"]', "-e", "A=1", "-w/w", "-u", "1:2", "--restart=on-failure:3", "--label", "x=y", "i"),
    ).toMatchObject({
      entrypoint: ["a", "b"],
      env: ["A=1"],
      workdir: "/w",
      user: "1:2",
      restart: { name: "on-failure", retries: 3 },
      labels: { x: "y" },
    });
    expect(spec("--entrypoint", "", "i").entrypoint).toEqual([]);
    expect(spec("i").entrypoint).toBeUndefined();
  });
  it("say which networks", () => {
    expect(spec("i").network.mode).toBeUndefined();
    expect(spec("--net=host", "i").network.mode).toEqual({ kind: "host" });
    expect(spec("--network", "container:c1", "i").network.mode).toEqual({ kind: "container", container: "c1" });
    expect(spec("--network", "n1:ip=10.0.0.2,alias=x", "--network", "n2", "i").network).toMatchObject({
      mode: { kind: "bridge" },
      networks: { n1: { staticIps: ["10.0.0.2"], aliases: ["x"] }, n2: {} },
    });
    expect(spec("-p", "8080:80", "-p=127.0.0.1:53:53/udp", "i").network.ports).toMatchObject([
      { host_port: 8080, container_port: 80, protocol: "tcp" },
      { host_ip: "127.0.0.1", host_port: 53, container_port: 53, protocol: "udp" },
    ]);
    expect(() => spec("--network", "host", "--network", "n1", "i")).toThrow("selected mode host conflicts with bridge");
  });
  it("set limits and rights", () => {
    const { resources, security, namespaces } = spec(
      ...[
        "--memory=64m",
        "--cpus",
        "0.5",
        "--pids-limit=-1",
        "--ulimit",
        "nofile=1:2",
        "--cap-drop=all",
        "--security-opt",
        "seccomp=unconfined",
        "--userns=keep-id:uid=5",
        "i",
      ],
    );
    expect(resources).toMatchObject({ memory: 64 * 1024 ** 2, cpus: 0.5, pidsLimit: -1, ulimits: [{ name: "nofile", soft: 1, hard: 2 }] });
    expect(security).toMatchObject({ capDrop: ["all"], seccompProfile: "unconfined" });
    expect(namespaces.user).toEqual({ kind: "keep-id", uid: 5 });
  });
  it("mount", () => {
    expect(spec("-v", "data:/d:ro", "--tmpfs", "/t", "--device", "/dev/null:/dev/x:r", "--read-only", "i")).toMatchObject({
      volumes: [
        { type: "volume", name: "data", target: "/d", options: ["ro"] },
        { type: "tmpfs", target: "/t" },
      ],
      devices: [{ source: "/dev/null", target: "/dev/x", permissions: "r" }],
      readOnly: true,
    });
  });
  it("check health", () => {
    expect(spec("i").health).toBeUndefined();
    expect(spec("--health-cmd", "true", "--health-interval=5s", "i").health).toMatchObject({ test: ["CMD-SHELL", "true"], interval: 5e9 });
    expect(spec("--no-healthcheck", "i").health).toEqual({ test: ["NONE"], onFailure: "none" });
    expect(spec("--health-cmd", '["a"]', "i").health?.test).toEqual(["CMD-SHELL", "a"]);
    expect(spec("--health-cmd", '["a","b"]', "i").health?.test).toEqual(["CMD", "a", "b"]);
    expect(() => spec("--health-cmd", "x", "--health-retries=0", "i")).toThrow("healthcheck-retries must be greater than 0");
  });
});
