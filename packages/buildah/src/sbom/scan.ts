import { chmodSync, closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { splitShellWords } from "@containers/common/cli/shell-words";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import type { SpecMount } from "@containers/common/spec-builder/runtime-spec";
import type { AddedFile } from "../commit/added-files.ts";
import { joinPath } from "../containerfile/instructions/add-copy.ts";
import type { BuildPorts, RunSettings } from "../executor/build-options.ts";
import { runPorts } from "../executor/run-ports.ts";
import { StageContainer } from "../executor/stage-container.ts";
import { executeRun } from "../run/execute-run.ts";
import { loadBase } from "../working-container/create.ts";
import type { WorkingContainer } from "../working-container/record.ts";
import { mergeScans } from "./merge.ts";
import type { SbomScan } from "./options.ts";

const ROOTFS = "/.rootfs";
const SCANS = "/.scans";
const CONTEXT = "/.context";

/** What scanners found, ready for the commit. */
export interface ScanResult {
  /** For the image. */
  readonly files: readonly AddedFile[];
  /** Writes what is for files of this machine; once the image is there. */
  save(): void;
  close(): void;
}

/** Runs scanners over the files of a container that is about to be committed. */
export async function scanContainer(
  ports: BuildPorts,
  target: { readonly container: WorkingContainer; readonly rootfs: string; readonly settings: RunSettings },
  scan: SbomScan,
): Promise<ScanResult> {
  const directory = mkdtempSync(join(ports.images.store.containers.directory(target.container.id), "buildah-scan"));
  const close = (): void => rmSync(directory, { recursive: true, force: true });
  try {
    const results = await runScanners(ports, { ...target, directory }, scan);
    const { sbom, purls } = mergeScans(scan.mergeStrategy, results);
    const outputs = [
      { content: sbom, file: "sbom", here: scan.sbomOutput, inImage: scan.imageSbomOutput },
      { content: purls, file: "purls", here: scan.purlOutput, inImage: scan.imagePurlOutput },
    ];
    for (const { file, content } of outputs) {
      writeFileSync(join(directory, file), content);
      chmodSync(join(directory, file), 0o644);
    }
    return {
      files: outputs.flatMap(({ file, inImage }) =>
        inImage === undefined ? [] : [{ source: join(directory, file), destination: joinPath(inImage) }],
      ),
      save: () => {
        for (const { content, here } of outputs) if (here !== undefined) writeFileSync(here, content);
      },
      close,
    };
  } catch (error) {
    close();
    throw wrapError(`scanning rootfs to generate SBOM for container ${JSON.stringify(target.container.id)}`, error);
  }
}

interface ScanPlace {
  readonly rootfs: string;
  readonly settings: RunSettings;
  /** On disk, for what comes out. */
  readonly directory: string;
}

async function runScanners(ports: BuildPorts, place: ScanPlace, scan: SbomScan): Promise<readonly Uint8Array[]> {
  const base = await loadBase(ports.images, {
    from: scan.image,
    pull: scan.pull,
    format: "oci",
    isolation: place.settings.isolation,
  }).catch((error: unknown) => {
    throw wrapError("creating temporary working container to run scanner", error);
  });
  const scans = join(place.directory, "scans");
  mkdirSync(scans);
  // Scanners need not be root.
  chmodSync(scans, 0o777);
  chmodSync(place.directory, 0o711);
  const scanner = new StageContainer(ports.images.store, ports.sys, { base, keep: false });
  const empty = openSync("/dev/null", "r");
  try {
    const container = scanner.open();
    const run = {
      container,
      rootfs: scanner.mount(),
      directory: place.directory,
      env: container.config.env,
      user: container.config.user,
      workingDir: container.config.workingDir,
      mounts: scanMounts(place, scans, scan),
      settings: { ...place.settings, volumes: [] },
      stdio: ports.stdio ?? ([empty, 1, 2] as const),
    };
    const commands = scanCommands(scan, container.config.shell ?? []);
    for (const { args } of commands) {
      const { exitCode } = await executeRun(runPorts(ports), { ...run, args });
      if (exitCode !== 0)
        throw new ToolError(
          "invalid-state",
          `running scanning command [${args.join(" ")}]: while running runtime: exit status ${exitCode}`,
        );
    }
    return commands.map(({ output }) => readFileSync(join(scans, basename(output))));
  } finally {
    closeSync(empty);
    scanner.remove();
  }
}

function scanMounts({ rootfs }: ScanPlace, scans: string, { contexts }: SbomScan): readonly SpecMount[] {
  const bind = (source: string, destination: string, mode: string): SpecMount => ({
    ...{ destination, source, type: "bind" },
    options: ["rbind", "rprivate", mode],
  });
  return [
    bind(scans, SCANS, "rw"),
    bind(rootfs, ROOTFS, "ro"),
    ...contexts.map((context, index) => bind(context, `${CONTEXT}${index}`, "ro")),
  ];
}

/** What is to be run: a command that names `{CONTEXT}` once for each context, another once if it names `{ROOTFS}`, and else not at all. */
export function scanCommands(
  { commands, contexts }: Pick<SbomScan, "commands" | "contexts">,
  shell: readonly string[],
): ReadonlyArray<{ readonly args: readonly string[]; readonly output: string }> {
  const planned = commands.flatMap((command) => {
    const words = commandWords(command, shell);
    const names = (mark: string): boolean => words.some((word) => word.includes(mark));
    if (names("{CONTEXT}")) return contexts.map((_, index) => ({ words, mark: "{CONTEXT}", path: `${CONTEXT}${index}` }));
    return names("{ROOTFS}") ? [{ words, mark: "{ROOTFS}", path: ROOTFS }] : [];
  });
  if (planned.length === 0) throw new ToolError("invalid-argument", "no scanner command names {ROOTFS} or {CONTEXT}");
  return planned.map(({ words, mark, path }, index) => {
    const output = `${SCANS}/scan${index}.json`;
    return { args: words.map((word) => word.replaceAll(mark, path).replaceAll("{OUTPUT}", output)), output };
  });
}

/** Scanner images often have no shell: one is used where the command needs it. */
function commandWords(command: string, shell: readonly string[]): readonly string[] {
  if (!/[<>|]/.test(command)) {
    try {
      return splitShellWords(command);
    } catch {
      // The shell may make more of it.
    }
  }
  return [...(shell.length > 0 ? shell : ["/bin/sh", "-c"]), command];
}
