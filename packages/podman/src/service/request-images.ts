import { type ProgressSink, plainProgress } from "@containers/image/copy/progress";
import type { LocalImages } from "@containers/image/local-images/local-images";
import { requestAccess } from "./registry-auth.ts";
import type { ApiRequest } from "./route.ts";

export interface ImageAccess {
  /** Of `tlsVerify`; undefined leaves it to registries.conf. */
  readonly tlsVerify?: boolean;
  /** Takes the words that the command line would print while it works. */
  readonly tell?: (text: string) => void;
  /** Takes the progress of copies instead. */
  readonly progress?: ProgressSink;
}

/** The images as a request reaches them: its accounts, its progress, its end. */
export async function withRequestImages<T>(
  request: Pick<ApiRequest, "engine" | "header" | "url" | "signal">,
  options: ImageAccess,
  body: (images: LocalImages) => Promise<T>,
): Promise<T> {
  const { access, close } = requestAccess(request);
  try {
    return await body(requestImages(request, access, options));
  } finally {
    close();
  }
}

function requestImages(
  { engine, signal }: Pick<ApiRequest, "engine" | "signal">,
  access: Partial<LocalImages["registry"]>,
  { tlsVerify, tell, progress }: ImageAccess,
): LocalImages {
  return {
    get store() {
      return engine.store;
    },
    registry: { ...engine.images.registry, ...access, ...(tlsVerify === undefined ? {} : { tlsVerify }) },
    signal,
    policyPath: engine.images.policyPath,
    temporaryDirectory: engine.images.temporaryDirectory,
    retryDelay: engine.images.retryDelay,
    parallelCopies: engine.images.parallelCopies,
    ...(progress === undefined ? {} : { progress: () => progress }),
    ...(tell === undefined ? {} : { progress: () => plainProgress(tell), report: (line: string) => tell(`${line}\n`) }),
  };
}
