/**
 * Every transport, both formats: what the original skopeo writes we read, and what we write it reads, with the digests that it gets
 * from itself. Needs the original: `ORIGINAL_SKOPEO` or /usr/bin/skopeo.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { copyImage } from "@containers/image/copy/copy-image";
import { memoryReference } from "@containers/image/testing/memory-source";
import { randomImage } from "@containers/image/testing/random-image";
import { parseImageName } from "@containers/image/transports/register";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { originalPath, toolPath } from "../harness/binaries.ts";
import { unmountBelow } from "../harness/leak-check.ts";
import { type RegistryServer, startRegistry } from "../harness/registry.ts";
import { describeResult } from "../harness/run-command.ts";
import { createWorld, type World } from "../harness/world.ts";

const original = originalPath("skopeo");
const formats = {
  oci: "application/vnd.oci.image.manifest.v1+json",
  docker: "application/vnd.docker.distribution.manifest.v2+json",
} as const;

describe.skipIf(original === undefined)("exchange with the original skopeo", () => {
  let world: World;
  let registry: RegistryServer;
  const at = (name: string): string => join(world.directory, "tmp", name);
  const places: Record<string, (name: string) => string> = {
    dir: (name) => `dir:${at(name)}`,
    oci: (name) => `oci:${at(name)}:v1`,
    "oci-archive": (name) => `oci-archive:${at(`${name}.tar`)}:v1`,
    "docker-archive": (name) => `docker-archive:${at(`${name}.tar`)}:example.com/a/b:v1`,
    docker: (name) => `docker://${registry.address}/${name}:v1`,
    "containers-storage (overlay)": (name) => `containers-storage:[overlay@${at(`${name}-graph`)}+${at(`${name}-run`)}]example.com/a/b:v1`,
    "containers-storage (vfs)": (name) => `containers-storage:[vfs@${at(`${name}-graph`)}+${at(`${name}-run`)}]example.com/a/b:v1`,
  };

  beforeAll(async () => {
    [world, registry] = await Promise.all([createWorld(), startRegistry()]);
    for (const [name, mediaType] of Object.entries(formats)) {
      await copyImage(
        memoryReference([randomImage({ mediaType, layers: 3, fileSize: 100_000 })]),
        parseImageName(`dir:${at(`base-${name}`)}`),
      );
    }
  });
  afterAll(async () => {
    await registry?.stop();
    // containers/storage binds an overlay store's directory onto itself for as long as the machine runs.
    if (world !== undefined) unmountBelow(join(world.directory, "tmp"));
    await world?.destroy();
  });

  async function copy(tool: string, from: string, to: string): Promise<void> {
    const result = await world.runProgram(tool, ["copy", "-q", "--src-tls-verify=false", "--dest-tls-verify=false", from, to]);
    expect(result.exitCode, describeResult(result)).toBe(0);
  }

  const manifest = (name: string): string => readFileSync(join(at(name), "manifest.json"), "utf8");

  const cases = Object.keys(formats).flatMap((format) => Object.keys(places).map((place) => [format, place] as const));
  it.each(cases)("%s through %s", async (format, place) => {
    const make = places[place];
    if (make === undefined || original === undefined) throw new Error(`no place ${place}`);
    const name = `${format}-${place.replace(/\W+/g, "-").toLowerCase()}`.replace(/-$/, "");
    const [theirs, ours] = [make(`their-${name}`), make(`our-${name}`)];
    await copy(original, `dir:${at(`base-${format}`)}`, theirs);
    await copy(toolPath("skopeo"), `dir:${at(`base-${format}`)}`, ours);
    await copy(original, theirs, `dir:${at(`${name}-reference`)}`);
    await copy(toolPath("skopeo"), theirs, `dir:${at(`${name}-we-read`)}`);
    await copy(original, ours, `dir:${at(`${name}-they-read`)}`);
    expect(manifest(`${name}-we-read`)).toBe(manifest(`${name}-reference`));
    expect(manifest(`${name}-they-read`)).toBe(manifest(`${name}-reference`));
  });
});
