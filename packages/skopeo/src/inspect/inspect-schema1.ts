import { parseImageConfig } from "@containers/image/local-images/image-config";
import { sortKeys } from "@containers/image/manifest/go-json";
import { manifestDigestBy } from "@containers/image/manifest/manifest-digest";
import { parseSchema1 } from "@containers/image/manifest/schema1/schema1";
import { changingLayers, schema2Config } from "@containers/image/manifest/schema1/to-schema2";
import type { InspectOptions, OpenedImage } from "./inspect.ts";

/** What `skopeo inspect` prints of an image of Docker's first schema, whose layers have neither types nor sizes. */
export async function inspectSchema1({ reference, manifest }: OpenedImage, options: InspectOptions): Promise<object> {
  const parsed = parseSchema1(manifest.bytes);
  const config = parseImageConfig(schema2Config(parsed, []), reference.withinTransport);
  const { Labels, Env } = config.config;
  const layers = parsed.layers.map(({ digest }) => digest).reverse();
  return {
    Name: reference.dockerReference?.name,
    Tag: parsed.tag || undefined,
    Digest: manifestDigestBy(options.algorithm ?? "sha256", manifest.bytes),
    RepoTags: (await options.tags?.()) ?? [],
    Created: config.created ?? null,
    DockerVersion: config.docker_version ?? "",
    Labels: Labels === undefined ? null : sortKeys(Labels),
    Architecture: config.architecture,
    Os: config.os,
    Layers: layers,
    LayersData: layers.map((digest) => ({ MIMEType: "", Digest: digest, Size: -1, Annotations: null })),
    Env: Env ?? null,
  };
}

/** The config that the image's history makes; the diff ids, which only the layers could tell, are empty. */
export function schema1Config(manifest: Uint8Array): Uint8Array {
  const parsed = parseSchema1(manifest);
  return schema2Config(
    parsed,
    changingLayers(parsed).map(() => ""),
  );
}
