import type { ByteStream } from "@containers/common/digest/byte-stream";
import type { Service } from "../service.ts";
import { containerPath } from "./deeds.ts";

/** The container's file system as a tar stream. */
export async function exportContainer(service: Service, reference: string): Promise<ByteStream> {
  return (await service.request("GET", containerPath(reference, "export"))).stream();
}
