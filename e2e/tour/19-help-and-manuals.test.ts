/** Help and manuals: every command has its help, which shows no flag twice, and a manual page with every flag of it. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { binDirectory, type Tool } from "../harness/binaries.ts";
import { createWorld, type World } from "../harness/world.ts";

const manuals = join(binDirectory, "../man/man1");

/** compose shows its provider's help too, and says so: here a provider that has none. */
const quietProvider = { PODMAN_COMPOSE_PROVIDER: "true", PODMAN_COMPOSE_WARNING_LOGS: "false" };

describe.skipIf(!existsSync(manuals))("help and manuals", () => {
  let world: World;

  beforeAll(async () => {
    world = await createWorld();
  });
  afterAll(async () => {
    await world?.destroy();
  });

  it.each(["podman", "buildah", "skopeo"] as const)("of %s", async (tool) => {
    const faults: string[] = [];
    const count = await visit(tool, [], faults);
    expect(faults).toEqual([]);
    expect(count).toBeGreaterThan(10);
  });

  it("of conmon", async () => {
    const { stdout } = await world.run("conmon", ["--help"]);
    const page = readFileSync(join(manuals, "conmon.1"), "utf8").replaceAll("\\-", "-");
    for (const [flag] of stdout.matchAll(/--[a-z][a-z-]*/g)) expect(page).toContain(flag);
  });

  /** Looks at a command and everything below it; the number of commands. */
  async function visit(tool: Tool, path: readonly string[], faults: string[]): Promise<number> {
    const { stdout, stderr, exitCode } = await world.run(tool, [...path, "--help"], { env: quietProvider });
    const name = [tool, ...path].join("-");
    if (exitCode !== 0 || stderr !== "") faults.push(`${name} --help: exit ${exitCode} ${stderr}`);
    const flags = section(stdout, "(Options|Flags)").map((line) => /^\s+(?:-\S, )?(--\S+)/.exec(line)?.[1] ?? "");
    const shown = flags.filter((flag) => flag !== "");
    for (const flag of new Set(shown)) if (shown.filter((other) => other === flag).length > 1) faults.push(`${name} --help: ${flag} twice`);
    checkPage(name, shown, faults);
    const words = section(stdout, "Available Commands").map((line) => /^ {2}(\S+)/.exec(line)?.[1] ?? "");
    let count = 1;
    for (const word of words.filter((each) => each !== "" && each !== "help")) count += await visit(tool, [...path, word], faults);
    return count;
  }
});

function section(help: string, heading: string): string[] {
  return new RegExp(`^${heading}:\\n((?:[ ].*\\n)*)`, "m").exec(help)?.[1]?.split("\n") ?? [];
}

function checkPage(name: string, flags: readonly string[], faults: string[]): void {
  const path = join(manuals, `${name}.1`);
  if (!existsSync(path)) {
    faults.push(`${name} has no manual page`);
    return;
  }
  const page = readFileSync(path, "utf8").replaceAll("\\-", "-");
  for (const heading of ["NAME", "SYNOPSIS", "DESCRIPTION", "EXIT STATUS"])
    if (!page.includes(`.SH ${heading}\n`)) faults.push(`${name}.1 lacks ${heading}`);
  for (const flag of flags.filter((each) => each !== "--help" && each !== "--version")) {
    if (!page.includes(`\\fB${flag}\\fR`)) faults.push(`${name}.1 lacks ${flag}`);
  }
}
