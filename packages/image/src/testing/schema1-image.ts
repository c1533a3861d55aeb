import { sha256 } from "@containers/common/digest/digest";
import { goJson } from "../manifest/go-json.ts";
import { EMPTY_LAYER, EMPTY_LAYER_DIGEST } from "../manifest/schema1/from-schema2.ts";
import { signWithPassingKey } from "../manifest/schema1/sign-with-passing-key.ts";
import type { RandomImage } from "./random-image.ts";

/** An image of Docker's first schema with the layers of another image. */
export interface Schema1Image {
  /** Without a signature. */
  readonly payload: Uint8Array;
  readonly signed: Uint8Array;
  /** Of the payload: that of the signed manifest too. */
  readonly digest: string;
  readonly blobs: ReadonlyMap<string, Uint8Array>;
}

/** Each layer of the image below an entry that changes nothing, as Dockerfiles make them; the last entry is such a one. */
export function schema1Image(image: RandomImage, name: string, config: Readonly<Record<string, unknown>> = {}): Schema1Image {
  const layers = (JSON.parse(new TextDecoder().decode(image.manifest)) as { layers: Array<{ digest: string }> }).layers;
  const entries = layers.flatMap(({ digest }, index) => [
    { digest, command: `ADD file ${index}`, empty: false },
    { digest: EMPTY_LAYER_DIGEST, command: `ENV N=${index}`, empty: true },
  ]);
  const ids = entries.map((_, index) => (index + 1).toString(16).padStart(64, "a"));
  const history = entries.map(({ command, empty }, index) => ({
    id: ids[index],
    parent: ids[index - 1],
    created: "2016-02-03T04:05:06.789Z",
    container_config: { Cmd: ["/bin/sh -c", `#(nop) ${command} <&>`] },
    author: "somebody",
    throwaway: empty ? true : undefined,
  }));
  const top = {
    architecture: "amd64",
    os: "linux",
    config: { Env: ["A=b"], Cmd: ["/bin/sh"], Labels: { l: "v" } },
    ...history.at(-1),
    ...config,
  };
  const payload = JSON.stringify(
    {
      schemaVersion: 1,
      name,
      tag: "old",
      architecture: "amd64",
      fsLayers: entries.map(({ digest }) => ({ blobSum: digest })).reverse(),
      history: [...history.slice(0, -1), top].map((entry) => ({ v1Compatibility: goJson(entry) })).reverse(),
    },
    undefined,
    3,
  );
  const blobs = new Map([...image.blobs, [EMPTY_LAYER_DIGEST, EMPTY_LAYER]]);
  return { payload: Buffer.from(payload), signed: signWithPassingKey(payload), digest: sha256(payload), blobs };
}
