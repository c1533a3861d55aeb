import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readAll } from "@containers/common/digest/byte-stream";
import { describeError } from "@containers/common/errors/tool-error";
import { runSync } from "@containers/common/process/run";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseImageManifest } from "../../manifest/parse.ts";
import { writeSifImage } from "../../testing/sif-image.ts";
import { validateImage } from "../../testing/validate-image.ts";
import { parseImageName } from "../register.ts";
import { commandOf } from "./definition.ts";

const DEFINITION = `Bootstrap: docker
From: alpine

%environment
    # a comment
    export GREETING=hello

%runscript
    echo "$GREETING"
    exec "$@"
%labels
    who me`;

const lacksTools = ["mksquashfs", "unsquashfs"].some((program) => Bun.which(program) === null);
let directory = "";

beforeEach(() => {
  directory = mkdtempSync("/var/tmp/sif-");
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe("the command of a definition file", () => {
  it("is bash without one", () => {
    expect(commandOf(undefined)).toEqual({ command: "bash" });
    expect(commandOf("Bootstrap: docker\n%post\necho")).toEqual({ command: "bash" });
  });

  it("is a script of environment and run script", () => {
    expect(commandOf(DEFINITION)).toEqual({
      command: "/podman/runscript",
      script: '#!/bin/bash\nexport GREETING=hello\necho "$GREETING"\nexec "$@"\n',
    });
  });
});

describe("what is no SIF file", () => {
  const refuses = async (bytes: Uint8Array, message: string): Promise<void> => {
    const path = join(directory, "image.sif");
    writeFileSync(path, bytes);
    const failure = await parseImageName(`sif:${path}`).openSource({}).catch(describeError);
    expect(failure).toContain(`loading SIF file: ${message}`);
  };

  it("is refused with the reason", async () => {
    await refuses(Buffer.alloc(4096), "invalid SIF magic");
    await refuses(Buffer.from("short"), "reading global header: unexpected EOF");
    const failure = await parseImageName(`sif:${directory}/missing`).openSource({}).catch(describeError);
    expect(failure).toContain(`loading SIF file: open ${directory}/missing: no such file or directory`);
  });

  it("is refused where its numbers cannot be", async () => {
    const header = Buffer.alloc(256);
    header.write("SIF_MAGIC\x0001\x0002\0", 32, "latin1");
    header.writeBigInt64LE(1n << 40n, 88);
    await refuses(header, "reading descriptors: 1099511627776 of them cannot be");
    header.writeBigInt64LE(4n, 88);
    header.writeBigInt64LE(128n, 96);
    await refuses(header, "reading descriptors: unexpected EOF");
  });

  it("cannot be written or deleted", async () => {
    const reference = parseImageName(`sif:${directory}/x`);
    await expect(reference.openDestination({})).rejects.toThrow('"sif:" locations can only be read from, not written to');
    await expect(reference.delete({})).rejects.toThrow("Deleting images not implemented for sif: images");
  });
});

describe.skipIf(lacksTools)("an image of Singularity (needs squashfs-tools)", () => {
  it("is one layer with the script in it, always of the same digest", async () => {
    const root = join(directory, "root");
    mkdirSync(join(root, "etc"), { recursive: true });
    writeFileSync(join(root, "etc", "motd"), "hello\n");
    const path = join(directory, "image.sif");
    writeSifImage(path, root, { definition: DEFINITION, modified: 1_700_000_000 });
    const [first, second] = [await readOut(path), await readOut(path)];
    expect(first.names).toEqual(["./", "./etc/", "./etc/motd", "./podman/", "./podman/runscript"]);
    expect(second.digest).toBe(first.digest);
    expect(first.config).toMatchObject({
      created: "2023-11-14T22:13:20Z",
      architecture: "amd64",
      os: "linux",
      config: { Cmd: ["/podman/runscript"] },
      history: [{ comment: "imported from SIF, uuid: 00112233-4455-6677-8899-aabbccddeeff" }, { empty_layer: true }],
    });
    expect(readdirSync(directory).filter((name) => name.startsWith("container_images"))).toEqual([]);
  });

  async function readOut(path: string): Promise<{ names: string[]; digest: string; config: unknown }> {
    const source = await parseImageName(`sif:${path}`).openSource({ temporaryDirectory: directory });
    const { digest } = await validateImage(source);
    const manifest = parseImageManifest((await source.manifest()).bytes);
    const config: unknown = JSON.parse(new TextDecoder().decode(await readAll((await source.blob(manifest.config)).stream, 1 << 20)));
    const tar = join(directory, "layer.tar");
    const [layer] = manifest.layers;
    if (layer === undefined) throw new Error("no layer");
    writeFileSync(tar, await readAll((await source.blob(layer)).stream, 1 << 24));
    await source.close();
    const names = runSync("tar", ["-tf", tar]).stdout.toString().trim().split("\n");
    expect(readFileSync(tar).length % 512).toBe(0);
    return { names, digest, config };
  }
});
