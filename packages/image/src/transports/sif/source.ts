import { closeSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { drain, streamOf } from "@containers/common/digest/byte-stream";
import { sha256 } from "@containers/common/digest/digest";
import { hashingStream } from "@containers/common/digest/verifying-stream";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import { openRegularFile } from "@containers/common/fs/regular-file";
import { run } from "@containers/common/process/run";
import { goJsonBytes } from "../../manifest/go-json.ts";
import { goTime } from "../../manifest/go-time.ts";
import { OCI_CONFIG, OCI_LAYER, OCI_MANIFEST } from "../../manifest/media-types.ts";
import { fileError, readFileStream, temporaryDirectory } from "../blob-file.ts";
import type { ImageContext, ImageReference, ImageSource } from "../transport.ts";
import { commandOf, SCRIPT_PATH } from "./definition.ts";
import { readSifFile, type SifFile, type SifObject } from "./sif-file.ts";

interface Layer {
  readonly path: string;
  readonly digest: string;
  readonly size: number;
}

/** Unpacks the image's root file system with squashfs-tools and packs it as a tar: both stand in a temporary directory until the source is closed. */
export async function openSifSource(reference: ImageReference, path: string, context: ImageContext): Promise<ImageSource> {
  const { fd, sif } = open(path);
  const directory = mkdtempSync(join(temporaryDirectory(context.temporaryDirectory), "container_images_sif"));
  try {
    const { command, layer } = await convert(path, sif, directory, context.signal);
    const config = goJsonBytes(configOf(sif, layer, command));
    const manifest = goJsonBytes(manifestOf(layer, config));
    return {
      reference,
      parallelBlobs: true,
      async manifest(instance) {
        if (instance !== undefined) throw new ToolError("unsupported", "manifest lists are not supported by the sif transport");
        return { bytes: manifest, mediaType: OCI_MANIFEST };
      },
      async blob({ digest }, options) {
        if (digest === sha256(config)) return { stream: streamOf(config), size: config.length };
        if (digest === layer.digest) return { stream: readFileStream(layer.path, options), size: layer.size };
        throw new ToolError("not-found", `no blob with digest ${JSON.stringify(digest)} found`);
      },
      signatures: async () => [],
      close: async () => rmSync(directory, { recursive: true, force: true }),
    };
  } catch (error) {
    rmSync(directory, { recursive: true, force: true });
    throw wrapError("converting rootfs from SquashFS to Tarball", error);
  } finally {
    closeSync(fd);
  }
}

function open(path: string): { readonly fd: number; readonly sif: SifFile } {
  let fd: number | undefined;
  try {
    fd = openRegularFile(path);
    return { fd, sif: readSifFile(fd) };
  } catch (error) {
    if (fd !== undefined) closeSync(fd);
    throw wrapError("loading SIF file", fileError(error));
  }
}

async function convert(
  path: string,
  sif: SifFile,
  directory: string,
  signal: AbortSignal | undefined,
): Promise<{ readonly command: string; readonly layer: Layer }> {
  const { command, script } = commandOf(sif.definition());
  const root = join(directory, "rootfs");
  const partition = inContext("looking up rootfs from SIF file", () => sif.rootFileSystem());
  // Written before the image's own files, into an empty directory: no link of the image's can lead it elsewhere.
  if (script !== undefined) writeScript(root, script, sif.modified);
  const tar = join(directory, "rootfs.tar");
  await unpack({ path, partition, root, tar, script: join(directory, "script") }, signal);
  rmSync(root, { recursive: true, force: true });
  const hashed = hashingStream(readFileStream(tar, { borrowed: true }));
  await drain(hashed.stream);
  return { command, layer: { path: tar, digest: hashed.digest(), size: hashed.size() } };
}

function writeScript(root: string, script: string, modified: bigint): void {
  const file = join(root, SCRIPT_PATH);
  mkdirSync(dirname(file), { recursive: true, mode: 0o755 });
  writeFileSync(file, script, { mode: 0o755 });
  // The same file makes the same layer whenever it is read.
  for (const path of [file, dirname(file)]) utimesSync(path, Number(modified), Number(modified));
}

interface Unpacking {
  readonly path: string;
  readonly partition: SifObject;
  readonly root: string;
  readonly tar: string;
  readonly script: string;
}

/**
 * Both programs run in one session of fakeroot, which keeps owners and devices for who may not make them; root can do without. Times of access and change
 * are left out of the archive, and names are sorted, so that one file always makes one digest.
 */
async function unpack(files: Unpacking, signal: AbortSignal | undefined): Promise<void> {
  const { path, partition, root, tar } = files;
  writeFileSync(
    files.script,
    [
      "#!/bin/sh",
      `unsquashfs -no-progress -o "$1" -d "$2" -f "$3" &&`,
      `exec tar --acls --xattrs --sort=name --pax-option=delete=atime,delete=ctime -C "$2" -cpf "$4" ./`,
      "",
    ].join("\n"),
    { mode: 0o700 },
  );
  const args = [files.script, String(partition.offset), root, path, tar];
  const fakeroot = Bun.which("fakeroot") !== null;
  if (Bun.which("unsquashfs") === null) throw missing("unsquashfs", "squashfs-tools");
  if (!fakeroot && process.getuid?.() !== 0) throw missing("fakeroot", "fakeroot");
  const result = fakeroot ? await run("fakeroot", ["--", ...args], { signal }) : await run("/bin/sh", args, { signal });
  if (result.exitCode !== 0) {
    const output = `${result.stdout.toString("utf8")}${result.stderr.toString("utf8")}`;
    throw new ToolError("corrupt", `converting image: exit status ${result.exitCode}, output: ${output}`);
  }
}

function missing(program: string, debianPackage: string): ToolError {
  return new ToolError("unavailable", `converting image: ${program} is needed to read sif: images and is not installed`, {
    hint: `install the package ${debianPackage}`,
  });
}

function configOf(sif: SifFile, layer: Layer, command: string): object {
  const created = goTime(sif.modified * 1_000_000_000n);
  return {
    created,
    architecture: sif.architecture,
    os: "linux",
    config: { Cmd: [command] },
    rootfs: { type: "layers", diff_ids: [layer.digest] },
    history: [
      {
        created,
        created_by: `/bin/sh -c #(nop) ADD file:${layer.digest.slice("sha256:".length)} in /`,
        comment: `imported from SIF, uuid: ${sif.uuid}`,
      },
      { created, created_by: '/bin/sh -c #(nop) CMD ["bash"]', empty_layer: true },
    ],
  };
}

function manifestOf(layer: Layer, config: Uint8Array): object {
  return {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: { mediaType: OCI_CONFIG, digest: sha256(config), size: config.length },
    layers: [{ mediaType: OCI_LAYER, digest: layer.digest, size: layer.size }],
  };
}

function inContext<T>(doing: string, deed: () => T): T {
  try {
    return deed();
  } catch (error) {
    throw wrapError(doing, error);
  }
}
