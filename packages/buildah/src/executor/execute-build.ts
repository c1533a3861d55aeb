import { writeFileSync } from "node:fs";
import { wrapError } from "@containers/common/errors/tool-error";
import { normalizeName } from "@containers/image/local-images/normalize-name";
import { machinePlatform } from "@containers/image/local-images/platform";
import type { InstructionNode } from "../containerfile/parser/node.ts";
import { parseContainerfile } from "../containerfile/parser/parse.ts";
import { loadIgnoreRules } from "../context/ignore-rules.ts";
import { type Platform, PROXY_ARGUMENTS, platformArguments } from "../plan/build-variables.ts";
import { type BuildPlan, planStages } from "../plan/stages.ts";
import { removeAbandoned } from "../working-container/lease.ts";
import { BUILDAH_VERSION } from "../working-container/record.ts";
import { type BuildContext, CleanupList } from "./build-context.ts";
import type { BuildOptions, BuildPorts, BuildReport } from "./build-options.ts";
import { executeStage } from "./execute-stage.ts";
import { warn } from "./warn.ts";

/**
 * Builds an image from Containerfiles: plans the stages, carries out those that the target needs, names the result. Prints
 * what the original prints. Working containers are removed at the end, also after a failure unless told otherwise.
 */
export async function buildImage(ports: BuildPorts, options: BuildOptions): Promise<BuildReport> {
  removeAbandoned(ports.images.store);
  const names = options.tags.map(imageName);
  const platform = targetPlatform(options);
  const values = platformArguments(platform);
  const plan = planFor(ports, options);
  const context: BuildContext = {
    ports,
    options,
    plan,
    platform,
    platformArguments: values,
    ...loadIgnoreRules(options.contextDirectory, { containerfile: options.containerfiles[0]?.path, ignoreFile: options.ignoreFile }),
    imageNames: names.slice(0, 1),
    outcomes: new Map(),
    imageMounts: new Map(),
    cleanup: new CleanupList(),
  };
  warnOfMissingArguments(context);
  try {
    return await buildStages(context, names);
  } catch (error) {
    // The first failure is the one to tell about.
    context.cleanup.run(true);
    throw error;
  }
}

/** What is to be done, without doing any of it. */
export function planFor(ports: BuildPorts, options: BuildOptions): BuildPlan {
  const instructions = options.containerfiles.flatMap((file, index) => parseFile(ports, file, index));
  return planStages(instructions, {
    buildArguments: options.buildArguments,
    platformArguments: platformArguments(targetPlatform(options)),
    ...(options.target === undefined ? {} : { target: options.target }),
    ...(options.from === undefined ? {} : { from: options.from }),
  });
}

async function buildStages(context: BuildContext, names: readonly string[]): Promise<BuildReport> {
  const { options, ports, plan } = context;
  const { store } = ports.images;
  const dropped: string[] = [];
  const before = new Set(options.signBy === undefined ? [] : store.images.list().map(({ id }) => id));
  let report = { imageId: "", manifestDigest: "" };
  for (const stage of plan.stages) {
    if (options.skipUnusedStages && !plan.needed.has(stage.index)) continue;
    const outcome = await executeStage(context, stage);
    context.outcomes.set(stage.index, outcome);
    if (outcome.imageId === undefined) continue;
    if (stage.index < plan.stages.length - 1) {
      if (!options.layers && !outcome.onlyBase) dropped.push(outcome.imageId);
    } else report = { imageId: outcome.imageId, manifestDigest: outcome.manifestDigest ?? "" };
  }
  warnOfUnusedArguments(context);
  if (options.signBy !== undefined) await signImage(context, report.imageId, before);
  await writeOutputs(context, report.imageId);
  if (names.length > 1) store.images.addNames(report.imageId, names.slice(1));
  const imageNames = names.length === 0 ? [] : (store.images.get(report.imageId)?.names ?? []);
  if (!options.quiet) for (const name of imageNames) ports.stdout(`Successfully tagged ${name}\n`);
  const failure = context.cleanup.run(false);
  if (failure !== undefined) throw failure;
  for (const id of dropped.reverse()) if (id !== report.imageId) store.images.remove(id);
  if (options.iidFile === undefined) ports.stdout(`${report.imageId}\n`);
  else writeFileSync(options.iidFile, `sha256:${report.imageId}`);
  return { ...report, names: imageNames };
}

/** An image that cannot be signed is not there, unless it was before. */
async function signImage({ options, ports, imageNames }: BuildContext, id: string, before: ReadonlySet<string>): Promise<void> {
  const { signStoredImage } = await import("@containers/image/local-images/sign-stored");
  try {
    await signStoredImage(
      ports.images,
      { id, name: imageNames[0] },
      { gpgKey: options.signBy ?? "", creator: `buildah ${BUILDAH_VERSION}` },
    );
  } catch (error) {
    if (!before.has(id)) ports.images.store.images.remove(id);
    throw error;
  }
}

async function writeOutputs({ options, ports }: BuildContext, id: string): Promise<void> {
  if (options.outputs === undefined || options.outputs.length === 0) return;
  const { writeBuildOutput } = await import("./build-output.ts");
  const timestamp = options.timestamp ?? options.sourceDateEpoch;
  const to = { sys: ports.sys, store: ports.images.store, writeStdout: (bytes: Uint8Array) => ports.stdout(bytes) };
  for (const output of options.outputs) await writeBuildOutput(to, output, { id, ...(timestamp === undefined ? {} : { timestamp }) });
}

function parseFile(ports: BuildPorts, file: BuildOptions["containerfiles"][number], index: number): readonly InstructionNode[] {
  try {
    const parsed = parseContainerfile(file.text);
    for (const warning of parsed.warnings) ports.stderr(`${warning}\n`);
    return parsed.instructions;
  } catch (error) {
    throw wrapError(`parsing ${index === 0 ? "main" : "additional"} Dockerfile: ${file.path}`, error);
  }
}

function imageName(tag: string): string {
  try {
    return normalizeName(tag).toString();
  } catch (error) {
    throw wrapError(`tag ${tag}`, error);
  }
}

function targetPlatform(options: BuildOptions): Platform {
  const machine = machinePlatform();
  return {
    os: options.platform?.os ?? machine.os,
    architecture: options.platform?.architecture ?? machine.architecture,
    ...(options.platform?.variant === undefined ? {} : { variant: options.platform.variant }),
  };
}

function warnOfMissingArguments(context: BuildContext): void {
  const { options, plan, ports } = context;
  const known = new Set<string>();
  for (const stage of plan.stages) {
    for (const word of stage.instructions.filter((node) => node.keyword === "arg").flatMap((node) => node.args)) {
      const [name = "", value = ""] = word.split(/=([^]*)/);
      if (value !== "") known.add(name);
      const given =
        known.has(name) ||
        options.buildArguments.has(name) ||
        plan.heading.has(name) ||
        PROXY_ARGUMENTS.includes(name) ||
        context.platformArguments.has(name);
      if (name === "" || given || (options.skipUnusedStages && !plan.needed.has(stage.index))) continue;
      warn(
        ports,
        `missing ${JSON.stringify(name)} build argument. Try adding ${JSON.stringify(`--build-arg ${name}=<VALUE>`)} to the command line`,
      );
    }
  }
}

function warnOfUnusedArguments(context: BuildContext): void {
  const { options, plan, ports } = context;
  if (options.quiet) return;
  const declared = declaredArguments(plan);
  const unused = [...options.buildArguments.keys()].filter(
    (name) =>
      !declared.has(name) && !PROXY_ARGUMENTS.includes(name) && !context.platformArguments.has(name) && name !== "SOURCE_DATE_EPOCH",
  );
  if (unused.length > 0) ports.stdout(`[Warning] one or more build args were not consumed: [${unused.sort().join(" ")}]\n`);
}

function declaredArguments(plan: BuildPlan): ReadonlySet<string> {
  const words = plan.stages.flatMap((stage) => stage.instructions.filter((node) => node.keyword === "arg").flatMap((node) => node.args));
  return new Set([...plan.heading.keys(), ...words.map((word) => word.replace(/=[^]*$/, ""))]);
}
