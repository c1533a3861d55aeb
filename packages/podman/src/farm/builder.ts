import type { ContainersConf } from "@containers/common/config/containers-conf";
import type { RegistryAccess } from "@containers/image/transports/transport";
import { connectService } from "../remote/connect.ts";
import { pushImage, removeImages } from "../remote/images/deeds.ts";
import { getJson, type Service } from "../remote/service.ts";
import { resolveTarget } from "../remote/target.ts";
import { record, text } from "../remote/wire.ts";
import type { Abilities } from "./schedule.ts";

/** Somewhere where images are built. */
export interface Builder extends Pick<Abilities, "name" | "isLocal"> {
  abilities(): Promise<Abilities>;
  /** Builds an image without name; `write` takes what the build says. Gives its id. */
  build(platform: string, write: (text: string) => void): Promise<string>;
  /** Pushes an image; gives the digest of its manifest. */
  push(id: string, destination: string, access: RegistryAccess): Promise<string>;
  remove(id: string): Promise<void>;
  close(): void;
}

/** How an image is built by a service: the command's flags for one platform. */
export type RemoteBuildDeed = (service: Service, platform: string, write: (text: string) => void) => Promise<string>;

/** The service behind a connection. @throws ToolError unavailable when it does not answer */
export async function connectBuilder(
  config: ContainersConf,
  connection: string,
  ways: { readonly build: RemoteBuildDeed; warn(line: string): void },
): Promise<Builder> {
  const service = await connectService(resolveTarget(config, { connection }), ways.warn);
  return serviceBuilder(service, { name: connection, isLocal: false }, ways.build);
}

export function serviceBuilder(service: Service, who: Pick<Builder, "name" | "isLocal">, build: RemoteBuildDeed): Builder {
  return {
    ...who,
    abilities: async () => ({ ...who, native: [await platformOf(service)], emulated: [] }),
    build: (platform, write) => build(service, platform, write),
    push: (id, destination, access) => pushImage(service, id, { destination, access, progress: () => {} }),
    async remove(id) {
      const { errors } = await removeImages(service, [id], { force: false, ignore: false, noPrune: false, all: false });
      if (errors[0] !== undefined) throw errors[0];
    },
    close: () => service.close(),
  };
}

/** What the machine is; what it emulates is not asked, as by the original. */
async function platformOf(service: Service): Promise<string> {
  const host = record(record(await getJson(service, "/info"))["host"]);
  return [host["os"], host["arch"], host["variant"]]
    .map(text)
    .filter((part) => part !== "")
    .join("/");
}
