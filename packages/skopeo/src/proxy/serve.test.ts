import { closeSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sha256 } from "@containers/common/digest/digest";
import { SOCK_SEQPACKET } from "@containers/common/sys/constants";
import { linuxSys } from "@containers/common/sys/linux";
import { OCI_CONFIG } from "@containers/image/manifest/media-types";
import { signWithPassingKey } from "@containers/image/manifest/schema1/sign-with-passing-key";
import { type RandomImage, randomImage } from "@containers/image/testing/random-image";
import { afterEach, beforeEach, expect, it } from "vitest";
import { serveImageProxy } from "./serve.ts";

interface Answer {
  readonly success: boolean;
  readonly value: unknown;
  readonly pipeid: number;
  readonly error_code: string;
  readonly error: string;
}

const sys = linuxSys();
let directory: string;
let image: RandomImage;
let client: number;
let served: Promise<void>;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "image-proxy-"));
  // More than a pipe holds.
  image = randomImage({ fileSize: 300_000 });
  mkdirSync(join(directory, "image"));
  writeFileSync(join(directory, "image", "version"), "Directory Transport Version: 1.1\n");
  writeFileSync(join(directory, "image", "manifest.json"), image.manifest);
  for (const [digest, bytes] of image.blobs) writeFileSync(join(directory, "image", digest.slice("sha256:".length)), bytes);
  const listener = sys.unixSocket(SOCK_SEQPACKET);
  sys.bind(listener, join(directory, "socket"));
  sys.listen(listener, 1);
  client = sys.unixSocket(SOCK_SEQPACKET);
  sys.connect(client, join(directory, "socket"));
  const server = sys.accept(listener) ?? -1;
  sys.close(listener);
  const options = { sys, context: {}, policy: () => async () => undefined, signal: new AbortController().signal };
  served = serveImageProxy(server, options).finally(() => sys.close(server));
});
afterEach(async () => {
  sys.close(client);
  await served;
  rmSync(directory, { recursive: true });
});

async function call(method: string, ...args: unknown[]): Promise<Answer & { readonly descriptors: readonly number[] }> {
  const request = Buffer.from(JSON.stringify({ method, args }));
  sys.send(client, request, 0, request.length, 0);
  while (sys.poll([{ fd: client, events: 1, revents: 0 }], 0) === 0) await Bun.sleep(1);
  const payload = Buffer.alloc(32 * 1024);
  const descriptors = sys.receiveDescriptors(client, 2, payload);
  const text = payload.toString("utf8").replace(/\0+$/, "");
  return { ...(JSON.parse(text) as Answer), descriptors };
}

async function contentOf(descriptor: number | undefined): Promise<Buffer> {
  const bytes = await new Response(Bun.file(`/proc/self/fd/${descriptor}`).stream()).bytes();
  if (descriptor !== undefined) closeSync(descriptor);
  return Buffer.from(bytes);
}

it("gives an image of Docker's first schema as OCI's, with the layers as they are", async () => {
  const layer = Buffer.from(Bun.gzipSync(Buffer.alloc(1024)));
  const blobSum = sha256(layer);
  const v1Compatibility = JSON.stringify({
    id: "1".repeat(64),
    architecture: "arm64",
    os: "linux",
    created: "2020-01-01T00:00:00Z",
    config: { Env: ["A=b"] },
  });
  const manifest = {
    schemaVersion: 1,
    name: "old",
    tag: "1",
    architecture: "arm64",
    fsLayers: [{ blobSum }],
    history: [{ v1Compatibility }],
  };
  writeFileSync(join(directory, "image", "manifest.json"), signWithPassingKey(JSON.stringify(manifest)));
  writeFileSync(join(directory, "image", blobSum.slice("sha256:".length)), layer);
  await call("Initialize");
  const { value: id } = await call("OpenImage", `dir:${directory}/image`);
  const given = await call("GetManifest", id);
  const text = contentOf(given.descriptors[0]);
  expect(await call("FinishPipe", given.pipeid)).toMatchObject({ success: true });
  expect(JSON.parse((await text).toString())).toMatchObject({
    config: { mediaType: OCI_CONFIG },
    layers: [{ digest: blobSum, size: layer.length }],
  });
  const config = await call("GetConfig", id);
  const run = contentOf(config.descriptors[0]);
  await call("FinishPipe", config.pipeid);
  expect(JSON.parse((await run).toString())).toMatchObject({ Env: ["A=b"] });
  expect((await call("GetLayerInfo", id)).value).toMatchObject([{ digest: blobSum, size: layer.length }]);
  expect(await call("CloseImage", id)).toMatchObject({ success: true });
});

it("gives manifest, config and layers", async () => {
  expect(await call("OpenImage", "dir:x")).toMatchObject({ success: false, error: expect.stringContaining("Initialize") });
  expect(await call("Initialize")).toMatchObject({ success: true, value: "0.2.8", pipeid: 0, error_code: "" });
  const { value: id } = await call("OpenImage", `dir:${directory}/image`);
  expect(id).toBe(1);
  const manifest = await call("GetManifest", id);
  expect(manifest.value).toBe(image.digest);
  const reading = contentOf(manifest.descriptors[0]);
  expect(await call("FinishPipe", manifest.pipeid)).toMatchObject({ success: true });
  expect((await reading).equals(image.manifest)).toBe(true);
  const config = await call("GetFullConfig", id);
  const fullConfig = contentOf(config.descriptors[0]);
  await call("FinishPipe", config.pipeid);
  expect(JSON.parse((await fullConfig).toString("utf8"))).toMatchObject({ architecture: "amd64", rootfs: { diff_ids: image.diffIds } });
  const layers = (await call("GetLayerInfo", id)).value as { digest: string; size: number; media_type: string }[];
  for (const { digest, size } of layers) {
    const blob = await call("GetBlob", id, digest, size);
    expect(blob.value).toBe(size);
    const bytes = contentOf(blob.descriptors[0]);
    expect(await call("FinishPipe", blob.pipeid)).toMatchObject({ success: true });
    expect((await bytes).equals(image.blobs.get(digest) ?? Buffer.alloc(0))).toBe(true);
    const raw = await call("GetRawBlob", id, digest);
    expect(raw.descriptors).toHaveLength(2);
    expect((await contentOf(raw.descriptors[0])).length).toBe(size);
    expect((await contentOf(raw.descriptors[1])).length).toBe(0);
  }
  expect(await call("CloseImage", id)).toMatchObject({ success: true });
  expect(await call("GetManifest", id)).toMatchObject({ success: false, error: "no image 1" });
});

it("tells what is missing, wrong or given up", async () => {
  await call("Initialize");
  expect(await call("OpenImageOptional", `dir:${directory}/nosuch`)).toMatchObject({ success: true, value: 0 });
  const { value: id } = await call("OpenImage", `dir:${directory}/image`);
  const [digest = ""] = [...image.blobs.keys()];
  const path = join(directory, "image", digest.slice("sha256:".length));
  const bytes = readFileSync(path);
  bytes[0] = (bytes[0] ?? 0) ^ 1;
  writeFileSync(path, bytes);
  const altered = await call("GetBlob", id, digest, bytes.length);
  const reading = contentOf(altered.descriptors[0]);
  const finished = await call("FinishPipe", altered.pipeid);
  expect(finished).toMatchObject({ success: false, error_code: "other" });
  await reading;
  const [largest = "", content = Buffer.alloc(0)] = [...image.blobs].sort(([, one], [, other]) => other.length - one.length)[0] ?? [];
  const unread = await call("GetBlob", id, largest, content.length);
  closeSync(unread.descriptors[0] ?? -1);
  expect(await call("FinishPipe", unread.pipeid)).toMatchObject({ success: false, error_code: "EPIPE" });
  expect(await call("Nonsense")).toMatchObject({ success: false, error: "unknown method: Nonsense" });
});
