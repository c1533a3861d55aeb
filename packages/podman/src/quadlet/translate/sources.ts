import { parseCsv, printCsv } from "./csv.ts";
import { invalid, type ServiceDraft } from "./draft.ts";

/** The image's name; that of an image or build quadlet is what it makes, and the service waits for it. */
export function imageSource(draft: ServiceDraft, image: string): string {
  if (!image.endsWith(".build") && !image.endsWith(".image")) return image;
  const names = draft.named(image, "image");
  draft.requires(names.serviceFile);
  return names.resource;
}

/** `-v` flags; a volume of a quadlet goes by the name that it gets, a path of the host's has to be mounted first. */
export function volumeFlags(draft: ServiceDraft): string[] {
  return draft.all("Volume").flatMap((volume) => {
    const [first = "", second, ...options] = volume.split(":");
    if (second === undefined || first === "") return ["-v", second ?? first];
    const source = storageSource(draft, first, false);
    return ["-v", [source, second, ...(options.length > 0 ? [options.join(":")] : [])].join(":")];
  });
}

const MOUNTS_WITH_SOURCE = ["volume", "bind", "glob", "image", "artifact"];

/** The value of `--mount`, its source resolved as for {@link volumeFlags}. */
export function mountValue(draft: ServiceDraft, mount: string): string {
  const fields = parseCsv(mount);
  const at = fields.findIndex((field) => /^type=[^=]*$/.test(field));
  const type = at < 0 ? "volume" : (fields[at] ?? "").slice("type=".length);
  if (!MOUNTS_WITH_SOURCE.includes(type)) return mount;
  const rest = fields.filter((_, index) => index !== at);
  const sourceAt = rest.findLastIndex((field) => /^(source|src)(=|$)/.test(field));
  const source = rest[sourceAt]?.replace(/^(source|src)=?/, "");
  if (source === undefined) {
    if (type !== "volume") throw invalid(`source parameter is required for mount type ${type}`);
    return printCsv([`type=${type}`, ...rest]);
  }
  if (source === "") throw invalid("source parameter does not include a value");
  return printCsv([`type=${type}`, ...rest.with(sourceAt, `source=${storageSource(draft, source, true)}`)]);
}

function storageSource(draft: ServiceDraft, source: string, image: boolean): string {
  const path = source.startsWith(".") ? draft.path(source) : source;
  if (path.startsWith("/")) {
    draft.addWord("Unit", "RequiresMountsFor", path);
    return path;
  }
  if (!path.endsWith(".volume") && !path.endsWith(".artifact") && !(image && path.endsWith(".image"))) return path;
  const names = draft.named(path, "source");
  draft.requires(names.serviceFile);
  return names.resource;
}

/** `--network` flags; networks of quadlets and of other containers by their names. */
export function networkFlags(draft: ServiceDraft): string[] {
  return draft.all("Network").flatMap((network) => {
    const [first = "", ...rest] = network.split(":");
    const ofContainer = first.endsWith(".container");
    if (!ofContainer && !first.endsWith(".network")) return ["--network", network];
    const names = draft.named(first, "unit");
    if (names.resource === "") throw invalid(`cannot get the resource name of ${first}`);
    draft.requires(names.serviceFile);
    if (ofContainer && rest.length > 0) throw invalid("extra options are not supported when joining another container's network");
    return ["--network", ofContainer ? `container:${names.resource}` : [names.resource, ...rest].join(":")];
  });
}
