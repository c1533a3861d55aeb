import type { ImageListing } from "@containers/image/local-images/list";

/** An image in a listing as the API shows it: the original's keys in its order. */
export function imageListingJson(image: ImageListing): object {
  return {
    Id: image.id,
    ParentId: image.parentId,
    RepoTags: image.names,
    RepoDigests: image.repoDigests,
    Created: Math.floor(Date.parse(image.created) / 1000),
    Size: image.size,
    SharedSize: 0,
    VirtualSize: image.size || undefined,
    Labels: image.labels === undefined || Object.keys(image.labels).length === 0 ? null : image.labels,
    Containers: image.containers,
    ReadOnly: image.readOnly || undefined,
    Dangling: image.dangling || undefined,
    Arch: image.architecture || undefined,
    Digest: image.digest || undefined,
    History: image.namesHistory.length === 0 ? undefined : image.namesHistory,
    IsManifestList: image.isManifestList,
    Names: image.names.length === 0 ? undefined : image.names,
    Os: image.os || undefined,
  };
}
