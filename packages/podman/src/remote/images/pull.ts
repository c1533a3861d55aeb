import { ToolError } from "@containers/common/errors/tool-error";
import type { RegistryAccess } from "@containers/image/transports/transport";
import { registryAuthHeader } from "../registry-headers.ts";
import { jsonLines, type Service } from "../service.ts";
import { record, text, texts } from "../wire.ts";

export interface RemotePull {
  readonly policy?: string;
  readonly allTags?: boolean;
  readonly platform?: {
    readonly os?: string | undefined;
    readonly architecture?: string | undefined;
    readonly variant?: string | undefined;
  };
  readonly access: RegistryAccess;
  readonly retry?: number | undefined;
  /** Go duration. */
  readonly retryDelay?: string | undefined;
  /** Takes what the service says of its progress; absent: nothing is said. */
  readonly progress?: ((text: string) => void) | undefined;
}

/** Lets the service pull an image and gives the ids of what it pulled. @throws ToolError with the service's reason */
export async function pullImage(service: Service, name: string, options: RemotePull): Promise<readonly string[]> {
  const { access, platform = {}, progress } = options;
  const response = await service.request("POST", "/images/pull", {
    query: {
      reference: name,
      policy: options.policy,
      allTags: options.allTags ?? false,
      quiet: progress === undefined,
      os: platform.os,
      arch: platform.architecture,
      variant: platform.variant,
      tlsVerify: access.tlsVerify,
      retry: options.retry,
      retrydelay: options.retryDelay,
    },
    headers: registryAuthHeader(access),
  });
  let images: readonly string[] = [];
  const failures: string[] = [];
  for await (const line of jsonLines(response)) {
    const report = record(line);
    if (text(report["stream"]) !== "") progress?.(text(report["stream"]));
    else if (text(report["error"]) !== "") failures.push(text(report["error"]));
    else if (texts(report["images"]).length > 0) images = texts(report["images"]);
  }
  if (failures.length > 0) throw new ToolError("unavailable", failures.join("\n"), { exitCode: 125 });
  return images;
}
