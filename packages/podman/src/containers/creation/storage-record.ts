import type { CreateContainerOptions } from "@containers/storage/store";
import type { ContainerConfig } from "../config.ts";

/** What the store is told of a container. */
export function storageRecord(config: ContainerConfig): CreateContainerOptions & { readonly id: string } {
  return {
    id: config.id,
    names: [config.name],
    ...(config.imageId === "" ? {} : { image: config.imageId }),
    metadata: storageMetadata(config),
    volatile: config.volatile,
    ...(config.idMappings === undefined ? {} : { idMappings: config.idMappings }),
    ...(config.storageOptions === undefined ? {} : { storageOptions: config.storageOptions }),
  };
}

/** What containers/storage keeps of a container for other tools. */
function storageMetadata(config: ContainerConfig): string {
  return JSON.stringify({
    "image-name": config.imageName,
    "image-id": config.imageId,
    name: config.name,
    "created-at": Math.floor(Date.parse(config.createdAt) / 1000),
  });
}
