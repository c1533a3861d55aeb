import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import { runParallel } from "@containers/image/copy/run-parallel";
import { machinePlatform } from "@containers/image/local-images/platform";
import type { PlatformChoice } from "@containers/image/transports/transport";
import type { BuildOptions, BuildPorts, BuildReport } from "./build-options.ts";
import { buildImage } from "./execute-build.ts";

export interface PlatformBuilds {
  /** One image each; none for the machine's own, or for all that the base images exist for. */
  readonly platforms: readonly PlatformChoice[];
  readonly allPlatforms?: boolean;
  /** Name of the manifest list that the images go into; made when it does not exist. */
  readonly manifest?: string;
  /** How many are built at once; 0 for all. Default: one after the other. */
  readonly jobs?: number;
  /** Where the output of one platform's build goes instead. */
  portsFor?(ports: BuildPorts, platform: PlatformChoice): { readonly ports: BuildPorts; close(): void };
}

/**
 * Builds the same for each platform and puts the images into a manifest list when one is named. What fails ends the builds that are under way.
 *
 * @returns the first image, or the list
 */
export async function buildForPlatforms(ports: BuildPorts, options: BuildOptions, builds: PlatformBuilds): Promise<BuildReport> {
  const platforms = builds.allPlatforms === true ? await basePlatforms(ports, options) : builds.platforms;
  const wanted = platforms.length === 0 ? [undefined] : platforms;
  const several = platforms.length > 1;
  const { signal } = ports;
  const reports = await runParallel(
    wanted,
    { limit: builds.jobs === 0 ? wanted.length : (builds.jobs ?? 1), ...(signal === undefined ? {} : { signal }) },
    async (platform, stop) => ({ platform, report: await buildOne({ ...ports, signal: stop }, options, { platform, builds, several }) }),
  );
  const first = reports[0]?.report;
  if (first === undefined) throw new ToolError("internal", "nothing was built");
  if (builds.manifest === undefined) return first;
  return { ...first, imageId: await addAll(ports, builds.manifest, reports), names: [] };
}

async function buildOne(
  ports: BuildPorts,
  options: BuildOptions,
  one: { readonly platform: PlatformChoice | undefined; readonly builds: PlatformBuilds; readonly several: boolean },
): Promise<BuildReport> {
  if (one.platform === undefined) return buildImage(ports, options);
  const own = one.builds.portsFor?.(ports, one.platform) ?? { ports, close: () => undefined };
  const prefix = one.several ? `[${platformText(one.platform)}] ` : undefined;
  try {
    return await buildImage(own.ports, { ...options, platform: one.platform, ...(prefix === undefined ? {} : { progressPrefix: prefix }) });
  } catch (error) {
    throw prefix === undefined ? error : wrapError(prefix.trim(), error);
  } finally {
    own.close();
  }
}

/** `linux/arm64`: what was not chosen is the machine's. */
function platformText(platform: PlatformChoice): string {
  const machine = machinePlatform();
  const parts = [platform.os ?? machine.os, platform.architecture ?? machine.architecture];
  return [...parts, ...(platform.variant === undefined || platform.variant === "" ? [] : [platform.variant])].join("/");
}

async function addAll(
  { images }: BuildPorts,
  name: string,
  reports: ReadonlyArray<{ readonly platform: PlatformChoice | undefined; readonly report: BuildReport }>,
): Promise<string> {
  const { createList } = await import("@containers/image/manifest-lists/create");
  const { addToList } = await import("@containers/image/manifest-lists/add");
  const { annotateEntry } = await import("@containers/image/manifest-lists/annotate");
  const list = await createList(images, name, [], { amend: true });
  const machine = machinePlatform();
  for (const { platform, report } of reports) {
    const digest = await addToList(images, list, report.imageId);
    const { variant } = platform ?? {};
    await annotateEntry(images, list, digest, {
      os: platform?.os ?? machine.os,
      architecture: platform?.architecture ?? machine.architecture,
      ...(variant === undefined || variant === "" ? {} : { variant }),
    });
  }
  return list;
}

/** The platforms that every base image exists for. */
async function basePlatforms(ports: BuildPorts, options: BuildOptions): Promise<readonly PlatformChoice[]> {
  const { planFor } = await import("./execute-build.ts");
  const { stages } = planFor(ports, options);
  const names = new Set(
    stages
      .filter((stage) => stage.base !== "scratch" && !stages.slice(0, stage.index).some((earlier) => earlier.name === stage.base))
      .map((stage) => stage.base),
  );
  if (names.size === 0) throw new ToolError("invalid-argument", "build uses no non-scratch base images");
  const lists = await Promise.all([...names].map((name) => platformsOf(ports, name)));
  const [first = [], ...others] = lists;
  const common = first.filter((one) => others.every((list) => list.some((other) => platformText(other) === platformText(one))));
  if (common.length === 0) throw new ToolError("invalid-argument", "base images have no platforms in common");
  return common;
}

async function platformsOf({ images }: BuildPorts, name: string): Promise<readonly PlatformChoice[]> {
  const { findMember, memberContext } = await import("@containers/image/manifest-lists/find-member");
  const { parseListContent } = await import("@containers/image/manifest-lists/list-content");
  const source = await (await findMember(images, name, "base image")).openSource(memberContext(images));
  try {
    const { bytes, mediaType } = await source.manifest();
    if (!/list|index/.test(mediaType)) return [machinePlatform()];
    return parseListContent(bytes).entries.flatMap((entry) => {
      const { os = "", architecture = "", variant } = entry.platform ?? {};
      if (os === "" || architecture === "" || os === "unknown") return [];
      return [{ os, architecture, ...(variant === undefined || variant === "" ? {} : { variant }) }];
    });
  } finally {
    await source.close();
  }
}
