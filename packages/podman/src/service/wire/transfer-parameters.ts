import { parseDuration } from "@containers/common/cli/flag-values/duration";
import { ToolError } from "@containers/common/errors/tool-error";
import { compressionChoice } from "@containers/image/copy/compression-choice";
import { type PullPolicy, parsePullPolicy } from "@containers/image/local-images/pull-policy";
import { DOCKER_MANIFEST, DOCKER_SCHEMA1_SIGNED, OCI_MANIFEST } from "@containers/image/manifest/media-types";
import { transportOf } from "@containers/image/transports/register";
import { HttpError, httpError } from "../errors-to-http.ts";

export function policyOf(text: string | undefined): PullPolicy {
  try {
    return parsePullPolicy(text ?? "always");
  } catch (error) {
    throw httpError(400, error);
  }
}

/** @throws unsupported for an algorithm that is not known here */
export function compressionOf(query: {
  readonly compressionFormat?: string;
  readonly compressionLevel?: number;
  readonly forceCompressionFormat?: boolean;
}) {
  const { compressionFormat: format, compressionLevel: level, forceCompressionFormat: force } = query;
  return compressionChoice({ format, level, force });
}

export function formatOf(format: string | undefined): string | undefined {
  if (format === undefined || format === "") return undefined;
  if (format === "oci") return OCI_MANIFEST;
  if (format === "v2s2" || format === "docker") return DOCKER_MANIFEST;
  if (format === "v2s1") return DOCKER_SCHEMA1_SIGNED;
  throw new ToolError("invalid-argument", `unknown format "${format}". Choose on of the supported formats: 'oci', 'v2s1', or 'v2s2'`);
}

/** @throws HttpError 400 for a name of another transport than a registry's */
export function requireRegistryName(reference: string): void {
  const transport = transportOf(reference);
  if (transport !== undefined && transport !== "docker")
    throw new HttpError(400, `unsupported transport ${transport} in ${JSON.stringify(reference)}: only docker transport is supported`);
}

/** Milliseconds. */
export function delayOf(text: string): number {
  try {
    return parseDuration(text);
  } catch {
    const message = `time: invalid duration ${JSON.stringify(text)}`;
    throw new HttpError(400, message, { because: message });
  }
}
