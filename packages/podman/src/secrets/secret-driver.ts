import { ToolError } from "@containers/common/errors/tool-error";
import { deleteSecretData, readSecretData, storeSecretData } from "./file-driver.ts";
import { passDriver } from "./pass-driver.ts";
import { shellDriver } from "./shell-driver.ts";

/** Where the data of secrets is kept, by id. */
export interface SecretDriver {
  store(id: string, data: Uint8Array): void;
  /** @throws not-found when the data has gone */
  read(id: string): Buffer;
  delete(id: string): void;
}

/**
 * The driver of that name with its options.
 * @throws invalid-argument for a name or an option that there is not
 */
export function secretDriver(name: string, options: Readonly<Record<string, string>>): SecretDriver {
  switch (name) {
    case "file": {
      const { path } = options;
      if (path === undefined) throw new ToolError("invalid-argument", "the secret driver file needs the option path");
      return {
        store: (id, data) => storeSecretData(path, id, data),
        read: (id) => readSecretData(path, id),
        delete: (id) => deleteSecretData(path, id),
      };
    }
    case "pass":
      return passDriver(options);
    case "shell":
      return shellDriver(options);
    default:
      throw new ToolError("invalid-argument", "invalid driver");
  }
}
