import { writeFileSync } from "node:fs";
import { describeError, ToolError, wrapError } from "@containers/common/errors/tool-error";
import { parseNormalizedName } from "@containers/image/reference/reference";
import type { RegistryAccess } from "@containers/image/transports/transport";
import type { Builder } from "./builder.ts";
import { scheduleBuilds } from "./schedule.ts";

/** Where the manifest list is put together. */
export interface Home {
  /** Makes the list, or empties the one of the name. */
  openList(name: string): Promise<void>;
  /** Gives the list's id. */
  addToList(name: string, images: readonly string[]): Promise<string>;
  pushList(name: string): Promise<void>;
}

export interface FarmBuild {
  readonly builders: readonly Builder[];
  readonly home: Home;
  /** Empty: all that the builders are of. */
  readonly platforms: readonly string[];
  /** The list's name, with its registry. */
  readonly name: string;
  readonly access: RegistryAccess;
  /** Whether the images go from the builders elsewhere once they are in the registry. */
  readonly cleanup: boolean;
  readonly iidFile?: string | undefined;
  /** Takes whole lines. */
  write(line: string): void;
}

interface Built {
  readonly platform: string;
  readonly builder: Builder;
  readonly id: string;
}

/**
 * Builds for each platform at one of the builders, pushes the images to the list's repository by their digests, and puts them into the list, which is
 * pushed too.
 */
export async function buildOnFarm(farm: FarmBuild): Promise<void> {
  const schedule = await during("scheduling builds", async () => {
    const abilities = await Promise.all(farm.builders.map((builder) => builder.abilities()));
    return scheduleBuilds(abilities, farm.platforms);
  });
  await during("build", async () => {
    const jobs = [...schedule].map(([platform, name]) => buildOne(farm, platform, requireBuilder(farm, name)));
    const built = await allOf("building", jobs);
    farm.write(`Saved list to ${JSON.stringify(await assemble(farm, built))}`);
  });
}

async function buildOne({ write }: FarmBuild, platform: string, builder: Builder): Promise<Built> {
  const { name } = builder;
  const shown = `[{${platform.split("/").join(" ")}${platform.split("/").length < 3 ? " " : ""}}]`;
  const lines = prefixed(`[${platform}@${name}] `, write);
  write(`Starting build for ${shown} at ${JSON.stringify(name)}`);
  const id = await during(`building for ${JSON.stringify(platform)} on ${JSON.stringify(name)}`, () =>
    builder.build(platform, lines.write),
  );
  lines.end();
  write(`finished build for ${shown} at ${JSON.stringify(name)}: built ${id}`);
  return { platform, builder, id };
}

async function assemble(farm: FarmBuild, built: readonly Built[]): Promise<string> {
  const { home, name, access } = farm;
  const repository = parseNormalizedName(name).name;
  await during(`creating manifest list ${JSON.stringify(name)}`, () => home.openList(name));
  const pushes = built.map(async ({ builder, id }) => {
    const digest = await during(`pushing image ${JSON.stringify(id)} to registry`, () =>
      builder.push(id, `docker://${repository}@@unknown-digest@@`, access),
    );
    return `docker://${repository}@${digest}`;
  });
  const images = await allOf("building", pushes);
  if (farm.cleanup) {
    const removals = built.filter(({ builder }) => !builder.isLocal).map(({ builder, id }) => builder.remove(id));
    await allOf("removing intermediate images", removals);
  }
  const id = await during(`adding images ${JSON.stringify(images)} to list`, () => home.addToList(name, images));
  await home.pushList(name);
  if (farm.iidFile) writeFileSync(farm.iidFile, `sha256:${id}`);
  return name;
}

function requireBuilder({ builders }: FarmBuild, name: string): Builder {
  const found = builders.find((builder) => builder.name === name);
  if (found === undefined) throw new ToolError("internal", `unknown builder ${JSON.stringify(name)}`);
  return found;
}

/** Every one is waited for: what fails of several is told together. */
async function allOf<T>(doing: string, work: readonly Promise<T>[]): Promise<readonly T[]> {
  const results = await Promise.allSettled(work);
  const failures = results.filter((result) => result.status === "rejected").map(({ reason }) => describeError(reason));
  if (failures.length > 0) throw new ToolError("internal", `${doing}: ${failures.join("; ")}`);
  return results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
}

async function during<T>(doing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw wrapError(doing, error);
  }
}

/** Text as whole lines, each behind the prefix. */
function prefixed(prefix: string, write: (line: string) => void): { write(text: string): void; end(): void } {
  let rest = "";
  return {
    write(text) {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) write(prefix + line);
    },
    end() {
      if (rest !== "") write(prefix + rest);
      rest = "";
    },
  };
}
