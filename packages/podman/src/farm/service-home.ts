import type { RegistryAccess } from "@containers/image/transports/transport";
import { changeList, createList, inspectList, pushList } from "../remote/manifests/deeds.ts";
import type { Service } from "../remote/service.ts";
import { record, records, text } from "../remote/wire.ts";
import type { Home } from "./build.ts";

/** The manifest list in the store of a service. */
export function serviceHome(service: Service, access: RegistryAccess): Home {
  return {
    async openList(name) {
      await createList(service, name, [], { all: false, amend: true, annotations: {}, access });
      const members = records(record(await inspectList(service, name, access))["manifests"]).map((entry) => text(entry["digest"]));
      if (members.length > 0) await changeList(service, name, { operation: "remove", images: members }, access);
    },
    addToList: (name, images) => changeList(service, name, { operation: "update", images }, access),
    async pushList(name) {
      await pushList(service, name, name, { all: false, access });
    },
  };
}
