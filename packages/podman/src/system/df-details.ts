import { imageUsage } from "@containers/image/local-images/usage";
import { listContainers } from "../containers/listing/list.ts";
import type { Engine } from "../engine/engine.ts";
import { treeSize } from "./tree-size.ts";

/** What each image, container and volume takes on the disk, with the original's keys. Sizes in bytes. */
export async function systemUsageDetails(engine: Engine) {
  const { images, totalSize } = await imageUsage(engine.images);
  const containers = await listContainers(engine, { all: true, size: true });
  return {
    ImagesSize: totalSize,
    Images: images.map((image) => ({
      Repository: image.repository,
      Tag: image.tag,
      ImageID: image.id,
      Created: image.created,
      Size: image.size,
      SharedSize: image.sharedSize,
      UniqueSize: image.uniqueSize,
      Containers: image.containers,
    })),
    Containers: containers.map((container) => ({
      ContainerID: container.id,
      Image: container.imageId,
      Command: container.command,
      LocalVolumes: container.volumes.length,
      Size: container.size?.rootFsSize ?? 0,
      RWSize: container.size?.rwSize ?? 0,
      Created: container.createdAt,
      Status: container.shownStatus,
      Names: container.name,
    })),
    Volumes: engine.state.volumes.list().map(({ name, mountPoint }) => {
      const size = treeSize(mountPoint);
      const links = engine.state.containers.usingVolume(name).length;
      return { VolumeName: name, Links: links, Size: size, ReclaimableSize: links === 0 ? size : 0 };
    }),
  };
}
