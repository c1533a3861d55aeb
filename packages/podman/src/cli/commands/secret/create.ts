import { readFileSync } from "node:fs";
import { defineCommand } from "@containers/common/cli/define-command";
import { isTerminal } from "@containers/common/cli/output";
import { ToolError } from "@containers/common/errors/tool-error";
import { errnoCode } from "@containers/common/sys/sys-error";
import type { Engine } from "../../../engine/engine.ts";
import { openSecretStore, type SecretStore } from "../../../secrets/secret-store.ts";
import { keyValues } from "../../flags/read-lists.ts";
import { onSide } from "../../on-side.ts";

/** `podman secret create`. */
export const secretCreateCommand = defineCommand({
  name: "create",
  summary: "Create a new secret",
  description: "Keeps a secret that is read from a file, from standard input or from an environment variable.",
  usage: "NAME FILE|-",
  examples: ["podman secret create mysecret /path/to/secret", "printf secretdata | podman secret create mysecret -"],
  flags: {
    driver: { type: "string", short: "d", default: "file", description: "Driver of the secret (file, pass, shell)" },
    "driver-opts": { type: "stringSlice", description: "Options of the driver (key=value)" },
    env: { type: "bool", description: "Read the secret from the environment variable of this name" },
    ignore: { type: "bool", description: "Do not mind that it exists" },
    label: { type: "stringArray", short: "l", description: "Set a label (key=value)" },
    replace: { type: "bool", description: "Replace one that has the name" },
  },
  args: { min: 2, max: 2 },
  run: async (invocation) => {
    const { flags, args, out } = invocation;
    const [name = "", source = ""] = args;
    if (flags.ignore && flags.replace) throw new ToolError("invalid-argument", "cannot use --ignore and --replace flags together");
    const secret = {
      name,
      data: flags.env ? environmentData(source) : source === "-" ? inputData() : fileData(source),
      driver: flags.driver,
      driverOptions: keyValues(flags.driverOpts),
      labels: keyValues(flags.label),
    };
    const { ignore, replace } = flags;
    const id = await onSide(invocation, {
      local: (engine) =>
        createSecret(engine, {
          ...secret,
          ...(invocation.given("driver") ? {} : configuredDriver(engine, secret.driverOptions)),
          ...(ignore ? { existing: "ignore" } : replace ? { existing: "replace" } : {}),
        }),
      remote: async (service) => (await import("../../../remote/secrets/deeds.ts")).createSecret(service, { ...secret, ignore, replace }),
    });
    out.stdout(`${id}\n`);
    return undefined;
  },
});

function createSecret(engine: Engine, wanted: Parameters<SecretStore["create"]>[0]): string {
  const store = openSecretStore(engine.paths.secretsDir);
  const known = new Set(store.list().map(({ id }) => id));
  const { id } = store.create(wanted);
  if (!known.has(id)) engine.events.write({ type: "secret", status: "create", id });
  return id;
}

/** Without a driver on the command line it is containers.conf's, with its options. */
function configuredDriver({ config }: Engine, given: Readonly<Record<string, string>>) {
  const { driver, opts } = config.secrets;
  return { driver: driver || "file", driverOptions: Object.keys(given).length > 0 ? given : opts };
}

function environmentData(name: string): Buffer {
  const value = process.env[name];
  if (value === undefined)
    throw new ToolError("invalid-argument", `cannot create store secret data: environment variable ${name} is not set`);
  return Buffer.from(value);
}

function inputData(): Buffer {
  if (isTerminal(0)) throw new ToolError("invalid-argument", "if `-` is used, data must be passed into stdin");
  return readFileSync(0);
}

function fileData(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    if (errnoCode(error) === "EISDIR")
      throw new ToolError(
        "invalid-argument",
        `${path} is a directory: a secret's data is in a file, of more than 0 and less than 512000 bytes`,
      );
    if (errnoCode(error) !== "ENOENT") throw error;
    throw new ToolError("not-found", `open ${path}: no such file or directory`, { exitCode: 125 });
  }
}
