/** What is told beside the result: --log-level, --syslog; and mounts.conf, which is told of nowhere. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { baseImage, buildBaseImage } from "../harness/base-image.ts";
import { createWorld, type World } from "../harness/world.ts";

describe.each([{ rootless: false }, { rootless: true }])("messages, rootless: $rootless", ({ rootless }) => {
  let world: World;

  beforeAll(async () => {
    world = await createWorld({ rootless });
    await buildBaseImage(world);
  });
  afterAll(async () => {
    await world?.destroy();
  });

  it("are as many as asked for", async () => {
    const command = ["run", "--rm", "--network", "none", baseImage, "true"];
    expect((await world.run("podman", command)).stderr).toBe("");
    const { stderr } = await world.run("podman", ["--log-level", "debug", ...command]);
    expect(stderr).toMatch(/^time="\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ" level=info msg="podman filtering at log level debug"\n/);
    for (const text of [`Using graph root ${world.graphRoot}`, "Created OCI spec for container", "Started container", "Removing container"])
      expect(stderr).toContain(text);
    expect((await world.run("podman", ["--log-level", "info", "ps", "-q"])).stderr).toMatch(
      /^time="[^"]+" level=info msg="podman filtering at log level info"$/,
    );
  });

  it("go to the system log too, the clean-up's as well", async () => {
    await world.podman("--syslog", "run", "-d", "--name", "logged", "--network", "none", baseImage, "sleep", "100");
    const pid = await world.podman("inspect", "--format", "{{.State.ConmonPid}}", "logged");
    expect((await world.runProgram("cat", [`/proc/${pid}/cmdline`])).stdout).toContain("--exit-command-arg\0--syslog");
    await world.podman("rm", "-f", "-t", "0", "logged");
  });

  it("mounts.conf brings copies into every container", async () => {
    const file = join(world.directory, "tmp", "mounts.conf");
    const command = ["run", "--rm", "--network", "none", "--default-mounts-file", file, baseImage, "cat", "/run/secrets/host-passwd"];
    expect((await world.run("podman", command)).exitCode).toBe(1);
    writeFileSync(file, "/nosuch\n/etc/passwd:/run/secrets/host-passwd\n");
    expect(await world.podman(...command)).toContain("daemon:");
  });
});
