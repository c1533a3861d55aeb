import { humanAgo, humanSize } from "@containers/common/report/units";
import type { ImageListing } from "@containers/image/local-images/list";
import { splitName } from "@containers/image/registries-conf/alias-name";

export const sortKeys = ["created", "id", "repository", "size", "tag"] as const;
export type SortKey = (typeof sortKeys)[number];

/** A line of `podman images`: an image under one of its tags. */
export interface ImageRow {
  readonly image: ImageListing;
  readonly repository: string;
  readonly tag: string;
}

/** One row for each tag; an image without any gets one as well. */
export function imageRows(listings: readonly ImageListing[], sort: SortKey): readonly ImageRow[] {
  const rows = listings.flatMap((image): ImageRow[] => {
    if (image.names.length === 0) return [{ image, repository: "<none>", tag: "<none>" }];
    const named = image.names.map((name) => {
      const { repository, tag } = splitName(name);
      return { image, repository, tag: tag ?? "<none>" };
    });
    const tagged = named.filter((row) => row.tag !== "<none>");
    return tagged.length > 0 ? tagged : named.slice(0, 1);
  });
  return rows.sort(comparators[sort]);
}

const compareText = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

const comparators: Readonly<Record<SortKey, (one: ImageRow, other: ImageRow) => number>> = {
  created: (one, other) => seconds(other.image) - seconds(one.image),
  id: (one, other) => compareText(one.image.id, other.image.id),
  repository: (one, other) => compareText(one.repository, other.repository) || compareText(one.tag, other.tag),
  size: (one, other) => one.image.size - other.image.size,
  tag: (one, other) => compareText(one.tag, other.tag),
};

/** Seconds since 1970: as fine as the listing goes. */
function seconds(image: ImageListing): number {
  return Math.floor(Date.parse(image.created) / 1000);
}

/** The keys of `--format json`; `extended`: with what a service tells of an image beyond this. */
export function jsonRow({ image }: ImageRow, extended = false) {
  const created = seconds(image);
  return {
    Id: image.id,
    ParentId: image.parentId,
    RepoTags: null,
    RepoDigests: image.repoDigests,
    Size: image.size,
    SharedSize: 0,
    VirtualSize: image.size || undefined,
    Labels: image.labels === undefined || Object.keys(image.labels).length === 0 ? null : new Map(Object.entries(image.labels)),
    Containers: image.containers,
    ReadOnly: image.readOnly || undefined,
    Dangling: image.dangling || undefined,
    Arch: extended ? image.architecture || undefined : undefined,
    Digest: image.digest || undefined,
    History: image.namesHistory.length === 0 ? undefined : image.namesHistory,
    IsManifestList: extended ? image.isManifestList : undefined,
    Names: image.names.length === 0 ? undefined : image.names,
    Os: extended ? image.os || undefined : undefined,
    Created: created,
    CreatedAt: new Date(created * 1000).toISOString().replace(".000Z", "Z"),
  };
}

/** What `{{json .}}` prints: the image under one of its names. */
export function reporterJson(row: ImageRow): object {
  const { CreatedAt: _, Id, ParentId, RepoTags: __, RepoDigests, Created, ...rest } = jsonRow(row);
  return { repository: row.repository, tag: row.tag, Id, ParentId, RepoTags: row.image.names, RepoDigests, Created, ...rest };
}

/** The fields that a `--format` template may name. */
export function templateRow(row: ImageRow, noTrunc: boolean) {
  const { image } = row;
  const created = new Date(seconds(image) * 1000);
  const createdAt = `${created.toISOString().slice(0, 19).replace("T", " ")} +0000 UTC`;
  const ago = humanAgo(created);
  return {
    Repository: row.repository,
    Tag: row.tag,
    ID: noTrunc ? `sha256:${image.id}` : image.id.slice(0, 12),
    Id: image.id,
    // Both take reading configs, and few templates name them.
    get ParentId() {
      return image.parentId;
    },
    RepoTags: image.names,
    RepoDigests: image.repoDigests,
    Created: ago,
    CreatedAt: createdAt,
    CreatedSince: ago,
    CreatedTime: createdAt,
    Size: humanSize(image.size, 3, " "),
    SharedSize: 0,
    VirtualSize: image.size,
    get Labels() {
      return new Map(Object.entries(image.labels ?? {}));
    },
    Containers: image.containers,
    ReadOnly: image.readOnly,
    IsReadOnly: image.readOnly,
    Dangling: image.dangling,
    IsDangling: image.dangling,
    Arch: "",
    Os: "",
    Digest: image.digest,
    History: image.namesHistory.join(", "),
    IsManifestList: null,
    Names: image.names,
  };
}
