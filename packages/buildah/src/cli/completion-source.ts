import type { CompletionSource } from "@containers/common/cli/completion/completion-source";
import { imageWords } from "@containers/image/local-images/complete-name";
import { loadRegistriesConf } from "@containers/image/registries-conf/load";
import { registriesConfFromEnvironment } from "@containers/image/registries-conf/paths";
import { listWorkingContainers } from "../working-container/open.ts";
import { openCommandStore } from "./open-ports.ts";

/** Names for buildah's commands: working containers, images, registries. */
export const buildahCompletion: CompletionSource = {
  async names(kind, { globals, typed }) {
    switch (kind) {
      case "container":
        return listWorkingContainers(openCommandStore(globals)).map(({ name, fromImage }) => ({
          value: name,
          description: fromImage,
        }));
      case "image":
        return openCommandStore(globals)
          .images.list()
          .flatMap((image) => imageWords(image, typed).map((value) => ({ value })));
      case "registry":
        return loadRegistriesConf(registriesConfFromEnvironment()).unqualifiedSearchRegistries.map((value) => ({ value }));
      default:
        return [];
    }
  },
};
