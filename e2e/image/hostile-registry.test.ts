/** What a registry can send to harm who pulls from it: refused with the reason, and nothing of it stays. */
import { createHash } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toolPath } from "../harness/binaries.ts";
import { createWorld, type World } from "../harness/world.ts";

const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const INDEX = "application/vnd.oci.image.index.v1+json";
const digestOf = (bytes: Uint8Array | string): string => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

/** A layer of one empty file: header, padding. */
const header = Buffer.alloc(512);
for (const [at, text] of [
  [0, "file"],
  [100, "0000644"],
  [108, "0000000"],
  [116, "0000000"],
  [124, "00000000000"],
  [136, "00000000000"],
  [148, "        "],
  [156, "0"],
  [257, "ustar\u000000"],
] as const)
  header.write(text, at);
header.write(
  `${header
    .reduce((sum, byte) => sum + byte, 0)
    .toString(8)
    .padStart(6, "0")}\0 `,
  148,
);
const tar = Buffer.concat([header, Buffer.alloc(1024)]);
const layer = gzipSync(tar);
const config = JSON.stringify({
  os: "linux",
  architecture: process.arch === "x64" ? "amd64" : process.arch,
  config: {},
  rootfs: { type: "layers", diff_ids: [digestOf(tar)] },
});

interface Image {
  readonly config?: string;
  readonly configSize?: number;
  readonly layer?: Uint8Array;
  readonly layerFields?: Readonly<Record<string, unknown>>;
}

/** What is served: a manifest (any bytes), the blobs that it names, and where blobs redirect to. */
interface Served {
  readonly manifest: string;
  readonly type?: string;
  readonly blobs: ReadonlyMap<string, Uint8Array | string>;
  readonly redirect?: string;
  /** Blobs never end. */
  readonly endless?: boolean;
}

function image(parts: Image = {}): Served {
  const served = { config: parts.config ?? config, layer: parts.layer ?? layer };
  const descriptor = {
    mediaType: "application/vnd.oci.image.layer.v1.tar+gzip",
    digest: digestOf(served.layer),
    size: served.layer.length,
  };
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: {
      mediaType: "application/vnd.oci.image.config.v1+json",
      digest: digestOf(served.config),
      size: parts.configSize ?? served.config.length,
    },
    layers: [{ ...descriptor, ...parts.layerFields }],
  });
  return {
    manifest,
    blobs: new Map<string, Uint8Array | string>([
      [digestOf(served.config), served.config],
      [digestOf(served.layer), served.layer],
    ]),
  };
}

const only = (manifest: string, type = MANIFEST): Served => ({ manifest, type, blobs: new Map() });
const withDiffId = (diffId: string): string => config.replace(/sha256:[0-9a-f]{64}/, diffId);
const cyclic = JSON.stringify({
  schemaVersion: 2,
  mediaType: INDEX,
  manifests: [
    {
      mediaType: INDEX,
      digest: `sha256:${"0".repeat(64)}`,
      size: 100,
      platform: { os: "linux", architecture: process.arch === "x64" ? "amd64" : process.arch },
    },
  ],
});

const refused: ReadonlyArray<readonly [what: string, served: Served, reason: string | RegExp]> = [
  ["a manifest that is null", only("null"), "expected an object"],
  ["a manifest without anything", only("{}"), "schemaVersion"],
  ["a manifest that is a list", only("[]"), "expected an object"],
  ["a manifest that is nested deeply", only("[".repeat(100_000)), "JSON"],
  ["a manifest of 8 MiB", only(`"${"x".repeat(8 << 20)}"`), "exceeds the limit"],
  ["an index that names itself", only(cyclic, INDEX), "digest did not match"],
  ["an index of nothing", only('{"schemaVersion":2,"manifests":[]}', INDEX), "no image found"],
  ["a digest like a path", image({ layerFields: { digest: "sha256:../../../../etc/passwd" } }), "not a valid digest"],
  ["a digest of an unknown algorithm", image({ layerFields: { digest: `md5:${"0".repeat(32)}` } }), "not a valid digest"],
  ["a negative size", image({ layerFields: { size: -1 } }), "size"],
  ["a layer larger than its descriptor says", image({ layerFields: { size: 10 } }), "size mismatch"],
  ["a layer smaller than its descriptor says", image({ layerFields: { size: 1_000_000 } }), "size mismatch"],
  ["a config of another size", image({ configSize: 5 }), "size mismatch"],
  ["a config that is no JSON", image({ config: "hello" }), "parsing image config"],
  ["a config that is null", image({ config: "null" }), "expected an object"],
  ["a diff ID like a path", image({ config: withDiffId("sha256:../../x") }), "not a valid digest"],
  ["a diff ID of another layer", image({ config: withDiffId(`sha256:${"2".repeat(64)}`) }), "uncompressed layer has digest"],
  ["a layer that is no archive", image({ layer: Buffer.alloc(5120, 0x41) }), "invalid tar archive"],
  ["a layer cut short", image({ layer: layer.subarray(0, -10) }), "unexpected end"],
  ["blobs that never end", { ...image(), endless: true }, /size mismatch|exceeds the limit/],
  ["blobs that lead in a circle", { ...image(), redirect: "" }, "stopped after 10 redirects"],
  ["blobs that lead to a file", { ...image(), redirect: "file:///etc/passwd" }, "unsupported scheme"],
  ["blobs that lead nowhere", { ...image(), redirect: "http://[::bad" }, "invalid address"],
  [
    "a foreign layer at an address that does not answer",
    image({ layerFields: { urls: ["file:///etc/passwd", "http://127.0.0.1:1/layer"] } }),
    "from all URLs",
  ],
];

describe("a hostile registry", () => {
  let world: World;
  let server: Server;
  let served: Served = image();
  let name = "";

  beforeAll(async () => {
    server = createServer((request, response) => {
      const path = request.url ?? "";
      if (path === "/v2/") return void response.end("{}");
      if (path.includes("/manifests/")) return void response.setHeader("content-type", served.type ?? MANIFEST).end(served.manifest);
      if (served.redirect !== undefined)
        return void response.writeHead(307, { location: served.redirect === "" ? path : served.redirect }).end();
      const blob = served.blobs.get(path.slice(path.lastIndexOf("/") + 1));
      if (blob === undefined) return void response.writeHead(404).end();
      if (served.endless !== true) return void response.end(blob);
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(1 << 16)));
        if (!response.destroyed) response.once("drain", more);
      };
      more();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    world = await createWorld({ insecure: [host] });
    name = `${host}/hostile/image:1`;
  });
  afterAll(async () => {
    server.closeAllConnections();
    server.close();
    await world?.destroy();
  });

  it.each(refused)("is refused %s", async (_what, what, reason) => {
    served = what;
    const { exitCode, stderr } = await world.run("podman", ["pull", "-q", name]);
    expect(exitCode).toBe(125);
    expect(stderr).toMatch(/^Error: [^\n]*$/);
    expect(stderr).toMatch(reason);
    expect(await world.podman("images", "-aq")).toBe("");
    expect(await world.podman("system", "check")).toBe("");
  });

  it("can send an image that is sound", async () => {
    served = image();
    expect(await world.podman("pull", "-q", name)).toBe(digestOf(config).slice("sha256:".length));
  });

  it("cannot hide text from a terminal: its control characters are shown as such", async () => {
    served = image({ config: config.replace('"config":{}', '"config":{"Labels":{"a":"\\u001b[2Jx"}},"author":"\\u001b[31mred"') });
    const id = await world.podman("pull", "-q", name);
    const format = "{{.Author}} {{.Labels.a}}";
    expect(await world.podman("image", "inspect", "--format", format, id)).toBe("\u001b[31mred \u001b[2Jx");
    const command = `${toolPath("podman")} image inspect --format '${format}' ${id}`;
    const { stdout } = await world.runProgram("script", ["-qec", command, "/dev/null"]);
    expect(stdout).toBe(String.raw`\x1b[31mred \x1b[2Jx`);
  });
});
