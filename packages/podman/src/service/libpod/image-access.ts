import { plainProgress } from "@containers/image/copy/progress";
import type { LocalImages } from "@containers/image/local-images/local-images";
import type { RegistryAccess } from "@containers/image/transports/transport";
import type { ApiRequest } from "../route.ts";
import { requestAccess } from "../wire/registry-auth.ts";

export interface ImageAccess {
  /** Of `tlsVerify`; undefined leaves it to registries.conf. */
  readonly tlsVerify?: boolean;
  /** Takes the words that the command line would print while it works. */
  readonly tell?: (text: string) => void;
}

/** The images as a request reaches them: its accounts, its progress, its end. */
export async function withRequestImages<T>(
  request: Pick<ApiRequest, "engine" | "header" | "url" | "signal">,
  { tlsVerify, tell }: ImageAccess,
  body: (images: LocalImages) => Promise<T>,
): Promise<T> {
  const { access, close } = requestAccess(request);
  try {
    return await body(requestImages(request, { ...access, ...(tlsVerify === undefined ? {} : { tlsVerify }) }, tell));
  } finally {
    close();
  }
}

function requestImages(
  { engine, signal }: Pick<ApiRequest, "engine" | "signal">,
  access: Partial<RegistryAccess>,
  tell: ImageAccess["tell"],
): LocalImages {
  return {
    get store() {
      return engine.store;
    },
    registry: { ...engine.images.registry, ...access },
    signal,
    policyPath: engine.images.policyPath,
    temporaryDirectory: engine.images.temporaryDirectory,
    ...(tell === undefined ? {} : { progress: () => plainProgress(tell), report: (line: string) => tell(`${line}\n`) }),
  };
}
