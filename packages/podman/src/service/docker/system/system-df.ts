import { listImages } from "@containers/image/local-images/list";
import { splitName } from "@containers/image/registries-conf/alias-name";
import { listContainers } from "../../../containers/listing/list.ts";
import { diskUsage } from "../../../system/df.ts";
import { treeSize } from "../../../system/tree-size.ts";
import { json } from "../../reply.ts";
import type { Handler } from "../../route.ts";

/** `GET /system/df`. */
export const systemDf: Handler = async ({ engine }) => {
  const [images, containers, usage] = await Promise.all([
    listImages(engine.images, {}),
    listContainers(engine, { all: true, size: true }),
    diskUsage(engine),
  ]);
  return json(200, {
    LayersSize: usage.find(({ type }) => type === "Images")?.size ?? 0,
    Images: images.flatMap((image) =>
      (image.names.length === 0 ? ["<none>"] : image.names).map((name) => ({
        Containers: image.containers,
        Created: Math.floor(Date.parse(image.created) / 1000),
        Id: image.id,
        Labels: {},
        ParentId: "",
        RepoDigests: null,
        RepoTags: [splitName(name).tag ?? name],
        SharedSize: 0,
        Size: image.size,
      })),
    ),
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
