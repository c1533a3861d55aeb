import { isErrorOfKind, ToolError } from "@containers/common/errors/tool-error";
import { containerPath } from "./containers/deeds.ts";
import { imagePath, inspectImage } from "./images/list.ts";
import { getJson, type Service, segment } from "./service.ts";

const PATHS: Readonly<Record<string, (reference: string) => string>> = {
  container: (reference) => containerPath(reference, "json"),
  image: (reference) => imagePath(reference, "json"),
  volume: (reference) => `/volumes/${segment(reference)}/json`,
  network: (reference) => `/networks/${segment(reference)}/json`,
  pod: (reference) => `/pods/${segment(reference)}/json`,
};

/** What has the name at the service, of one type or the first of `all`. @throws ToolError not-found */
export async function inspectAny(
  service: Service,
  { reference, type, size }: { readonly reference: string; readonly type: string; readonly size: boolean },
): Promise<unknown> {
  if (type === "image") return inspectImage(service, reference);
  for (const one of type === "all" ? Object.keys(PATHS) : [type]) {
    const path = PATHS[one];
    if (path === undefined) continue;
    try {
      return await getJson(service, path(reference), one === "container" ? { size } : {});
    } catch (error) {
      // What cannot be an image's name may still be nobody's at all.
      if (!isErrorOfKind(error, "not-found") && !(type === "all" && isErrorOfKind(error, "invalid-argument"))) throw error;
    }
  }
  throw new ToolError(
    "not-found",
    type === "all" ? `no such object: ${JSON.stringify(reference)}` : `no such ${type} ${JSON.stringify(reference)}`,
  );
}
