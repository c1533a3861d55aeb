import { ToolError } from "@containers/common/errors/tool-error";
import type { RegistryAccess } from "@containers/image/transports/transport";
import type { ContainerSpec } from "../../container-spec/container-spec.ts";
import { pullImage } from "../images/pull.ts";
import { createPodFor } from "../pods/create.ts";
import { postJson, type Service } from "../service.ts";
import { record, text, texts } from "../wire.ts";
import { removeContainers } from "./deeds.ts";
import { specGenerator } from "./spec-generator.ts";

/** What a new container is asked to be, and how its image may be fetched. */
export interface NewContainer {
  readonly spec: ContainerSpec;
  readonly access: RegistryAccess;
  /** Takes progress and warnings, on standard error. */
  warn(text: string): void;
}

/** Makes a container at the service, its image first when that is not there, and gives its id. */
export async function createContainer(service: Service, wanted: NewContainer): Promise<string> {
  const { spec } = wanted;
  if (spec.replace === true && spec.name !== undefined) {
    const [report] = await removeContainers(service, [spec.name], { force: true, ignore: true });
    if (report?.error !== undefined) throw report.error;
  }
  if (spec.rootfs === undefined) await fetchImage(service, wanted);
  const joined = spec.pod?.startsWith("new:") === true ? await createPodFor(service, spec, spec.pod.slice("new:".length)) : spec;
  const body = specGenerator(joined);
  const created = record(await postJson(service, "/containers/create", { body }));
  for (const warning of texts(created["Warnings"])) wanted.warn(`${warning}\n`);
  return text(created["Id"]);
}

async function fetchImage(service: Service, { spec, access, warn }: NewContainer): Promise<void> {
  const name = spec.image ?? "";
  if (name === "") throw new ToolError("invalid-argument", "an image or a root file system must be named");
  const { pull } = spec;
  if (pull?.decryptionKeys !== undefined)
    throw new ToolError("unsupported", "--decryption-key is not supported with the remote podman client");
  await pullImage(service, name, {
    policy: pull?.policy ?? "missing",
    ...(pull?.platform === undefined ? {} : { platform: pull.platform }),
    access,
    ...(pull?.quiet === true ? {} : { progress: warn }),
  });
}
