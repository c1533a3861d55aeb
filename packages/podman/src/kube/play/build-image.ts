import { readFileSync } from "node:fs";
import { buildImage } from "@containers/buildah/index";
import type { Engine } from "../../engine/engine.ts";
import { buildPorts } from "../../images/build-ports.ts";

/** Builds an image for a pod out of its Containerfile, by the defaults of `podman build`. Progress goes to standard error. */
export async function buildPodImage(
  engine: Engine,
  image: { readonly name: string; readonly file: string; readonly context: string; readonly quiet: boolean },
): Promise<void> {
  const ports = buildPorts(engine, engine.images, { quiet: image.quiet });
  const { imageId } = await buildImage(ports, {
    contextDirectory: image.context,
    containerfiles: [{ path: image.file, text: readFileSync(image.file, "utf8") }],
    tags: [image.name],
    buildArguments: new Map(),
    layers: true,
    noCache: false,
    squash: false,
    pull: "missing",
    format: "oci",
    ...NOTHING_CHANGED,
    inheritLabels: true,
    inheritAnnotations: true,
    identityLabel: true,
    createdAnnotation: true,
    omitHistory: false,
    rewriteTimestamp: false,
    skipUnusedStages: true,
    removeContainers: true,
    forceRemoveContainers: true,
    quiet: image.quiet,
    buildContexts: new Map(),
    run: { ...RUN_SETTINGS, isolation: isolation(engine.rootless) },
  });
  engine.events.write({ type: "image", status: "build", name: imageId });
}

const NOTHING_CHANGED = { labels: [], layerLabels: [], unsetLabels: [], annotations: [], unsetAnnotations: [], env: [], unsetEnv: [] };

const RUN_SETTINGS = {
  volumes: [],
  addHosts: [],
  noHosts: false,
  noHostname: false,
  dns: [],
  dnsSearch: [],
  dnsOptions: [],
  capAdd: [],
  capDrop: [],
  ulimits: [],
  securityOpts: [],
  httpProxy: true,
  runtimeFlags: [],
} as const;

function isolation(rootless: boolean): "oci" | "rootless" | "chroot" {
  const asked = process.env["BUILDAH_ISOLATION"];
  if (asked === "oci" || asked === "rootless" || asked === "chroot") return asked;
  return rootless ? "rootless" : "oci";
}
