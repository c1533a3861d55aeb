/** Many commands at once on one container and on several: none hangs, none breaks, the list is true and nothing is left. E2E_AT_ONCE asks for more. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { baseImage, buildBaseImage } from "../harness/base-image.ts";
import { createWorld, type World } from "../harness/world.ts";

const AT_ONCE = Number(process.env.E2E_AT_ONCE ?? 40);
const HANGS_MS = 110_000;
/** What a command may say when another one was quicker; 137 is the exit code of what runs in a container that is killed. */
const SENSIBLE =
  /no such (container|object)|container state improper|can only create exec sessions on running containers|is not running|no such exec session|crun: |is already in use|container already exists|top can only be used on running containers/i;

describe.each([{ rootless: false }, { rootless: true }])("at once, rootless: $rootless", ({ rootless }) => {
  let world: World;

  beforeAll(async () => {
    world = await createWorld({ rootless });
    await buildBaseImage(world);
  });
  afterAll(async () => {
    await world?.destroy();
  });

  const begin = (name: string, ...flags: string[]) => [
    "run",
    "-d",
    "--name",
    name,
    "--network",
    "none",
    ...flags,
    baseImage,
    "sleep",
    "1000",
  ];

  /** Commands that failed for no good reason, with what they said. */
  async function allAtOnce(commands: readonly (readonly string[])[]): Promise<string[]> {
    const results = await Promise.all(commands.map((args) => world.run("podman", args, { timeout: HANGS_MS })));
    return results.flatMap(({ exitCode, stderr }, index) =>
      exitCode === 0 || exitCode === 137 || (exitCode > 0 && SENSIBLE.test(stderr))
        ? []
        : [`${commands[index]?.join(" ")}: ${exitCode} ${stderr}`],
    );
  }

  it("on the same container", async () => {
    await world.podman(...begin("same"));
    const deeds = [
      ["exec", "same", "true"],
      ["stop", "-t", "0", "same"],
      ["ps", "-a"],
      ["start", "same"],
      ["inspect", "same"],
      ["restart", "-t", "0", "same"],
      ["exec", "same", "echo", "x"],
      ["start", "same"],
      ["logs", "same"],
      ["kill", "same"],
      ["cp", "/etc/passwd", "same:/tmp/passwd"],
      ["commit", "-q", "same", "localhost/same"],
      ["update", "--restart", "no", "same"],
      ["top", "same"],
      ["diff", "same"],
    ];
    expect(await allAtOnce(Array.from({ length: AT_ONCE }, (_, index) => deeds[index % deeds.length] ?? []))).toEqual([]);
    await world.podman("start", "same");
    expect(await world.podman("exec", "same", "echo", "works")).toBe("works");
    expect(await allAtOnce(Array.from({ length: AT_ONCE / 4 }, () => ["rm", "-f", "-t", "0", "same"]))).toEqual([]);
    expect(await world.podman("ps", "-a", "-q")).toBe("");
  });

  it("on several containers, and for one name", async () => {
    const names = Array.from({ length: AT_ONCE / 4 }, (_, index) => `many-${index}`);
    expect(
      await allAtOnce(names.flatMap((name) => [begin(name), begin("taken"), ["ps", "-a"], ["create", "--name", `${name}-c`, baseImage]])),
    ).toEqual([]);
    const running = (await world.podman("ps", "--format", "{{.Names}}")).split("\n");
    expect(running.toSorted()).toEqual([...names, "taken"].toSorted());
    const deeds = (name: string) => [
      ["exec", name, "true"],
      ["rm", "-f", "-t", "0", name],
      ["inspect", name],
      ["rm", `${name}-c`],
    ];
    expect(await allAtOnce(names.flatMap(deeds))).toEqual([]);
    expect(await world.podman("ps", "-a", "--format", "{{.Names}}")).toBe("taken");
    await world.podman("rm", "-f", "-t", "0", "taken");
    expect((await world.run("podman", ["system", "check"])).exitCode).toBe(0);
  });
});
