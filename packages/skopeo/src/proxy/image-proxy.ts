import { streamOf } from "@containers/common/digest/byte-stream";
import { parseDigest } from "@containers/common/digest/digest";
import { verifyingStream } from "@containers/common/digest/verifying-stream";
import { isErrorOfKind, ToolError } from "@containers/common/errors/tool-error";
import type { Sys } from "@containers/common/sys/sys";
import { buildImageManifest, convertImage } from "@containers/image/manifest/convert";
import { convertConfigToOci } from "@containers/image/manifest/convert-config";
import { goJsonBytes } from "@containers/image/manifest/go-json";
import { manifestDigest } from "@containers/image/manifest/manifest-digest";
import { OCI_MANIFEST } from "@containers/image/manifest/media-types";
import { parseImageName } from "@containers/image/transports/register";
import type { BlobInfo, ImageContext } from "@containers/image/transports/transport";
import { feed, type OutgoingPipe, openPipe } from "./outgoing-pipe.ts";
import { encodeStreamError, numberArgument, PROTOCOL_VERSION, type ProxyReply, type ProxyRequest, textArgument } from "./protocol.ts";
import { openProxied, type PolicyCheck, type ProxiedImage } from "./proxied-image.ts";

export interface ImageProxyOptions {
  readonly sys: Sys;
  readonly context: ImageContext;
  /** The check of policy.json, read at Initialize. */
  policy(): PolicyCheck;
  readonly signal: AbortSignal;
}

interface ActivePipe {
  readonly pipe: OutgoingPipe;
  /** Ends when everything is written; never rejects. */
  readonly fed: Promise<{ readonly error?: unknown }>;
}

type Method = (args: readonly unknown[]) => ProxyReply | Promise<ProxyReply>;

/** The methods of the image proxy protocol, on the images that one client has opened. */
export class ImageProxy {
  readonly #options: ImageProxyOptions;
  readonly #images = new Map<number, ProxiedImage>();
  readonly #pipes = new Map<number, ActivePipe>();
  readonly #methods: ReadonlyMap<string, { readonly arity: number; readonly call: Method }>;
  #policy: PolicyCheck | undefined;
  #serial = 0;
  #feeding = 0;

  constructor(options: ImageProxyOptions) {
    this.#options = options;
    this.#methods = new Map<string, { arity: number; call: Method }>([
      ["Initialize", { arity: 0, call: () => this.#initialize() }],
      ["OpenImage", { arity: 1, call: ([name]) => this.#open(name, false) }],
      ["OpenImageOptional", { arity: 1, call: ([name]) => this.#open(name, true) }],
      ["CloseImage", { arity: 1, call: ([id]) => this.#closeImage(id) }],
      ["GetManifest", { arity: 1, call: ([id]) => this.#manifest(this.#image(id)) }],
      ["GetConfig", { arity: 1, call: ([id]) => this.#config(this.#image(id), "run") }],
      ["GetFullConfig", { arity: 1, call: ([id]) => this.#config(this.#image(id), "full") }],
      ["GetBlob", { arity: 3, call: ([id, digest, size]) => this.#blob(this.#image(id), digest, size) }],
      ["GetRawBlob", { arity: 2, call: ([id, digest]) => this.#rawBlob(this.#image(id), digest) }],
      ["GetLayerInfo", { arity: 1, call: async ([id]) => ({ value: await layerInfo(this.#image(id)) }) }],
      [
        "GetLayerInfoPiped",
        { arity: 1, call: async ([id]) => this.#piped(null, Buffer.from(JSON.stringify(await layerInfo(this.#image(id))))) },
      ],
      ["FinishPipe", { arity: 1, call: ([id]) => this.#finishPipe(id) }],
    ]);
  }

  /** True while a pipe is being fed. */
  get busy(): boolean {
    return this.#feeding > 0;
  }

  async call({ method, args }: ProxyRequest): Promise<ProxyReply> {
    const known = this.#methods.get(method);
    if (known === undefined) throw new ToolError("invalid-argument", `unknown method: ${method}`);
    if (method !== "Initialize" && this.#policy === undefined)
      throw new ToolError("invalid-argument", "client error: must invoke Initialize");
    if (args.length !== known.arity)
      throw new ToolError("invalid-argument", `invalid request, found ${args.length} args, expecting ${known.arity}`);
    return await known.call(args);
  }

  /** Ends everything that is still open. */
  async close(): Promise<void> {
    for (const { pipe } of this.#pipes.values()) pipe.close();
    for (const image of this.#images.values()) await image.close();
  }

  #initialize(): ProxyReply {
    if (this.#policy !== undefined) throw new ToolError("invalid-argument", "already initialized");
    this.#policy = this.#options.policy();
    return { value: PROTOCOL_VERSION };
  }

  async #open(name: unknown, optional: boolean): Promise<ProxyReply> {
    const policy = this.#policy ?? this.#options.policy();
    const reference = parseImageName(textArgument(name, "imageref"));
    try {
      const image = await openProxied(reference, this.#options.context, policy);
      this.#serial += 1;
      this.#images.set(this.#serial, image);
      return { value: this.#serial };
    } catch (error) {
      // No image has the id 0: it stands for one that is not there.
      if (optional && isErrorOfKind(error, "not-found")) return { value: 0 };
      throw error;
    }
  }

  async #closeImage(id: unknown): Promise<ProxyReply> {
    await this.#image(id).close();
    this.#images.delete(numberArgument(id));
    return {};
  }

  #image(id: unknown): ProxiedImage {
    const number = numberArgument(id);
    if (number === 0) throw new ToolError("invalid-argument", "invalid imageid value of zero");
    const image = this.#images.get(number);
    if (image === undefined) throw new ToolError("invalid-argument", `no image ${number}`);
    return image;
  }

  /** In OCI's format whatever it is, with the digest that it has where it comes from. */
  async #manifest(image: ProxiedImage): Promise<ProxyReply> {
    const digest = manifestDigest(image.raw.bytes);
    const manifest = await image.manifest();
    if (manifest.mediaType === OCI_MANIFEST) return this.#piped(digest, image.raw.bytes);
    const converted = convertImage(manifest, await image.config(), OCI_MANIFEST);
    return this.#piped(digest, buildImageManifest(converted.manifest));
  }

  async #config(image: ProxiedImage, part: "full" | "run"): Promise<ProxyReply> {
    const config = convertConfigToOci(await image.config());
    if (part === "full") return this.#piped(null, config);
    const { config: run } = JSON.parse(Buffer.from(config).toString("utf8")) as { config?: object };
    return this.#piped(null, goJsonBytes(run ?? {}));
  }

  async #blob(image: ProxiedImage, digestText: unknown, sizeValue: unknown): Promise<ProxyReply> {
    const digest = parseDigest(textArgument(digestText, "blobid"));
    const expected = { digest, size: numberArgument(sizeValue) };
    const { stream, size } = await image.source.blob(expected);
    return { ...this.#active(verifyingStream(stream, { ...expected, what: `blob ${digest}` })), value: size };
  }

  /** Unverified: that is left to the client. Errors come through a pipe of their own. */
  async #rawBlob(image: ProxiedImage, digestText: unknown): Promise<ProxyReply> {
    const digest = parseDigest(textArgument(digestText, "blobid"));
    const { stream, size } = await image.source.blob({ digest, size: -1 });
    const [content, errors] = [openPipe(this.#options.sys), openPipe(this.#options.sys)];
    void this.#feed(content, stream).then(async ({ error }) => {
      content.close();
      if (error !== undefined) await this.#feed(errors, streamOf(encodeStreamError(error)));
      errors.close();
    });
    return { value: size, descriptors: [content.readEnd, errors.readEnd] };
  }

  #piped(value: unknown, bytes: Uint8Array): ProxyReply {
    return { ...this.#active(streamOf(bytes)), value };
  }

  /** A pipe that stays open until FinishPipe, which tells whether all went well. */
  #active(stream: AsyncIterable<Uint8Array>): ProxyReply {
    const pipe = openPipe(this.#options.sys);
    this.#pipes.set(pipe.writeEnd, { pipe, fed: this.#feed(pipe, stream) });
    return { descriptors: [pipe.readEnd], pipeId: pipe.writeEnd };
  }

  async #feed(pipe: OutgoingPipe, stream: AsyncIterable<Uint8Array>): Promise<{ readonly error?: unknown }> {
    this.#feeding += 1;
    try {
      await feed(pipe, stream, this.#options.signal);
      return {};
    } catch (error) {
      return { error };
    } finally {
      this.#feeding -= 1;
    }
  }

  async #finishPipe(value: unknown): Promise<ProxyReply> {
    const id = numberArgument(value);
    const active = this.#pipes.get(id);
    if (active === undefined) throw new ToolError("invalid-argument", `finishpipe: no active pipe ${id}`);
    const { error } = await active.fed;
    active.pipe.close();
    this.#pipes.delete(id);
    if (error !== undefined) throw error;
    return {};
  }
}

async function layerInfo({ source, instance, manifest }: ProxiedImage): Promise<readonly object[]> {
  const layers: readonly BlobInfo[] = (await source.layerInfosForCopy?.(instance)) ?? (await manifest()).layers;
  return layers.map(({ digest, size, mediaType }) => ({ digest, size, media_type: mediaType ?? "" }));
}
