import { ToolError } from "@containers/common/errors/tool-error";
import { storageTransport } from "./containers-storage/reference.ts";
import { dirTransport } from "./dir/reference.ts";
import { dockerTransport } from "./docker/reference.ts";
import { dockerArchiveTransport } from "./docker-archive/reference.ts";
import { dockerDaemonTransport } from "./docker-daemon/reference.ts";
import { ociArchiveTransport } from "./oci-archive/reference.ts";
import { ociTransport } from "./oci-layout/reference.ts";
import { sifTransport } from "./sif/reference.ts";
import { tarballTransport } from "./tarball/reference.ts";
import type { ImageReference, ImageTransport } from "./transport.ts";

/** Every transport, by name. Their readers and writers are loaded when a reference is opened. */
const TRANSPORTS: readonly ImageTransport[] = [
  storageTransport,
  dirTransport,
  dockerTransport,
  dockerArchiveTransport,
  dockerDaemonTransport,
  ociTransport,
  ociArchiveTransport,
  tarballTransport,
  sifTransport,
];

/** The names of the transports, sorted. */
export function transportNames(): string[] {
  return TRANSPORTS.map((transport) => transport.name).sort();
}

/** The transport of this name, or undefined. */
export function findTransport(name: string): ImageTransport | undefined {
  return TRANSPORTS.find((transport) => transport.name === name);
}

/** The transport that a text begins with (`oci` of `oci:path`), undefined when it is none that we know: then it is a plain name. */
export function transportOf(text: string): string | undefined {
  const colon = text.indexOf(":");
  return colon < 0 ? undefined : findTransport(text.slice(0, colon))?.name;
}

/** Parses `transport:rest`. Throws invalid-argument, in the original's words. */
export function parseImageName(text: string): ImageReference {
  const colon = text.indexOf(":");
  if (colon < 0)
    throw new ToolError("invalid-argument", `Invalid image name ${JSON.stringify(text)}, expected colon-separated transport:reference`);
  const transport = findTransport(text.slice(0, colon));
  if (transport === undefined) {
    throw new ToolError(
      "invalid-argument",
      `Invalid image name ${JSON.stringify(text)}, unknown transport ${JSON.stringify(text.slice(0, colon))}`,
    );
  }
  return transport.parse(text.slice(colon + 1));
}
