/** `run -it` and `exec -it` on a real terminal (util-linux's `script` makes the pty). */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { baseImage, buildBaseImage } from "../harness/base-image.ts";
import { toolPath } from "../harness/binaries.ts";
import { createWorld, type World } from "../harness/world.ts";

describe.each([{ rootless: false }, { rootless: true }])("a terminal, rootless: $rootless", ({ rootless }) => {
  let world: World;

  beforeAll(async () => {
    world = await createWorld({ rootless });
    await buildBaseImage(world);
  });
  afterAll(async () => {
    await world?.destroy();
  });

  /** Types `keys` with a pause between them, as a person would, and gives what the screen showed and the exit code. */
  async function onTerminal(command: string, keys: readonly string[]) {
    const feeder = keys.map((key) => `sleep 0.7; printf '${key}'`).join("; ");
    const line = `stty rows 33 cols 111; ${toolPath("podman")} ${command}`;
    return await world.runProgram("sh", ["-c", `(sleep 1; ${feeder}; sleep 2) | script -qfec "${line}" /dev/null`]);
  }

  it("gives the container a terminal of the same size, and its exit code", async () => {
    const result = await onTerminal(`run --rm -it --network none ${baseImage} sh`, ["tty; stty size\\n", "exit 5\\n"]);
    expect(result.stdout).toContain("/dev/pts/0");
    expect(result.stdout).toContain("33 111");
    expect(result.exitCode).toBe(5);
  });

  it("detaches by the keys and leaves the container running", async () => {
    const result = await onTerminal(`run -it --name detached --network none ${baseImage} sh`, ["echo here\\n", "\\020\\021"]);
    expect(result.exitCode).toBe(0);
    expect(await world.podman("inspect", "--format", "{{.State.Status}}", "detached")).toBe("running");
    const inside = await onTerminal("exec -it detached sh", ["tty\\n", "exit 4\\n"]);
    expect(inside.stdout).toContain("/dev/pts/1");
    expect(inside.exitCode).toBe(4);
    await world.podman("rm", "-f", "-t", "0", "detached");
  });
});
