import { imageUsage } from "@containers/image/local-images/usage";
import { listContainers } from "../../../containers/listing/list.ts";
import { diskUsage } from "../../../system/df.ts";
import { treeSize } from "../../../system/tree-size.ts";
import { json } from "../../reply.ts";
import type { Handler } from "../../route.ts";
import { isAtLeast } from "../../streams/stream-type.ts";

/** `GET /system/df`. */
export const systemDf: Handler = async ({ engine, version }) => {
  // A field that Docker has given up.
  const old = version !== undefined && !isAtLeast(version, [1, 44]);
  const [{ images }, containers, usage] = await Promise.all([
    imageUsage(engine.images),
    listContainers(engine, { all: true, size: true }),
    diskUsage(engine),
  ]);
  return json(200, {
    LayersSize: usage.find(({ type }) => type === "Images")?.size ?? 0,
    Images: images.map((image) => {
      const shared = image.size - image.uniqueSize;
      return {
        Containers: image.containers,
        Created: Math.floor(Date.parse(image.created) / 1000),
        Id: image.id,
        Labels: {},
        ParentId: "",
        RepoDigests: null,
        RepoTags: [image.tag],
        SharedSize: image.sharedSize,
        Size: image.size,
        ...(old && shared !== 0 ? { VirtualSize: shared } : {}),
      };
    }),
    Containers: containers.map((container) => ({
      Id: container.id,
      Names: [container.name],
      Image: container.imageId,
      ImageID: container.imageId,
      Command: container.process.join(" "),
      Created: Math.floor(Date.parse(container.createdAt) / 1000),
      Ports: null,
      SizeRw: container.size?.rwSize ?? 0,
      SizeRootFs: container.size?.rootFsSize ?? 0,
      Labels: {},
      State: container.shownStatus,
      Status: container.shownStatus,
      HostConfig: {},
      NetworkSettings: null,
      Mounts: null,
    })),
    Volumes: engine.state.volumes.list().map((volume) => ({
      Driver: "",
      Labels: {},
      Mountpoint: "",
      Name: volume.name,
      Options: null,
      Scope: "local",
      UsageData: { RefCount: engine.state.containers.usingVolume(volume.name).length, Size: treeSize(volume.mountPoint) },
    })),
    BuildCache: [],
  });
};
