/** `run -it` and `exec -it` on a real terminal (util-linux's `script` makes the pty). */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { baseImage, buildBaseImage } from "../harness/base-image.ts";
import { toolPath } from "../harness/binaries.ts";
import { type TypedStep, typeOnTerminal } from "../harness/terminal.ts";
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

  const onTerminal = (command: string, steps: readonly TypedStep[]) =>
    typeOnTerminal(world, `stty rows 33 cols 111; ${toolPath("podman")} ${command}`, steps);

  it("gives the container a terminal of the same size, and its exit code", async () => {
    const result = await onTerminal(`run --rm -it --network none ${baseImage} sh`, [
      [/# /, "tty; stty size\n"],
      [/\/dev\/pts\/0\s+33 111[^]*# /, "exit 5\n"],
    ]);
    expect(result.exitCode, result.screen).toBe(5);
  });

  it("detaches by the keys and leaves the container running", async () => {
    const result = await onTerminal(`run -it --name detached --network none ${baseImage} sh`, [
      [/# /, "echo here\n"],
      [/\nhere[^]*# /, "\x10\x11"],
    ]);
    expect(result.exitCode, result.screen).toBe(0);
    expect(await world.podman("inspect", "--format", "{{.State.Status}}", "detached")).toBe("running");
    const inside = await onTerminal("exec -it detached sh", [
      [/# /, "tty\n"],
      [/\/dev\/pts\/1[^]*# /, "exit 4\n"],
    ]);
    expect(inside.exitCode, inside.screen).toBe(4);
    await world.podman("rm", "-f", "-t", "0", "detached");
  });
});
