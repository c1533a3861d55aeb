import { defineCommand } from "@containers/common/cli/define-command";
import { exitCodeFor } from "@containers/common/cli/exit-codes";
import { describeError, ToolError, wrapError } from "@containers/common/errors/tool-error";
import { formatRows } from "@containers/common/report/format";
import { toJson } from "@containers/common/report/json";
import { isJsonFormat } from "@containers/common/report/json-format";
import { GoTime } from "@containers/common/report/template/go-time";
import { openSecretStore, type SecretRecord } from "../../../secrets/secret-store.ts";
import { onSide } from "../../on-side.ts";

/** `podman secret inspect`. */
export const secretInspectCommand = defineCommand({
  name: "inspect",
  summary: "Display what is known of secrets",
  description: "Prints what is known of secrets, as JSON or through a template; their data only when it is asked for.",
  usage: "SECRET [SECRET...]",
  examples: ["podman secret inspect mysecret", 'podman secret inspect --format "{{.Spec.Name}}" mysecret'],
  flags: {
    format: { type: "string", short: "f", description: "Print as JSON or through a Go template" },
    pretty: { type: "bool", description: "Print as text" },
    showsecret: { type: "bool", description: "Print the data too" },
  },
  args: { min: 1 },
  run: async (invocation) => {
    const { flags, args, given, out } = invocation;
    if (flags.pretty && given("format")) throw new ToolError("invalid-argument", "cannot use --format and --pretty together");
    const { found, failures } = await onSide(invocation, {
      local: (engine) => {
        const store = openSecretStore(engine.paths.secretsDir);
        return findSecrets(args, async (reference) => {
          const secret = store.find(reference);
          return { secret, data: flags.showsecret ? store.readData(secret).toString() : "" };
        });
      },
      remote: async (service) => {
        const { findSecret } = await import("../../../remote/secrets/deeds.ts");
        return findSecrets(args, (reference) => findSecret(service, reference, flags.showsecret));
      },
    });
    const format = flags.format ?? "json";
    const described = found.map((one) => describe(one, flags.showsecret));
    if (flags.pretty) out.stdout(found.map(({ secret }) => prettyText(secret)).join(""));
    else if (isJsonFormat(format)) out.stdout(`${toJson(described)}\n`);
    else {
      const rows = found.map((one) => ({ SecretData: "", ...describe(one, flags.showsecret), ...times(one.secret) }));
      out.stdout(formatRows(format, rows, { name: "inspect", mapFields: new Set(["Options", "Labels"]), json: described }));
    }
    for (const error of failures) out.stderr(`Error: ${describeError(error)}\n`);
    return failures.length === 0 ? 0 : exitCodeFor("podman", failures[0]);
  },
});

interface FoundSecret {
  readonly secret: SecretRecord;
  /** Empty unless it was asked for. */
  readonly data: string;
}

async function findSecrets(references: readonly string[], find: (reference: string) => Promise<FoundSecret>) {
  const found: FoundSecret[] = [];
  const failures: unknown[] = [];
  for (const reference of references) {
    try {
      found.push(await find(reference));
    } catch (error) {
      failures.push(wrapError("inspecting secret", error));
    }
  }
  return { found, failures };
}

function describe({ secret, data }: FoundSecret, withData: boolean) {
  const { id, name, createdAt, updatedAt, driver, driverOptions, labels } = secret;
  return {
    ID: id,
    CreatedAt: createdAt,
    UpdatedAt: updatedAt,
    Spec: { Name: name, Driver: { Name: driver, Options: driverOptions }, Labels: labels ?? {} },
    ...(withData ? { SecretData: data } : {}),
  };
}

function times({ createdAt, updatedAt }: SecretRecord) {
  return { CreatedAt: new GoTime(createdAt), UpdatedAt: new GoTime(updatedAt) };
}

function prettyText({ id, name, labels = {}, driver, createdAt, updatedAt }: SecretRecord): string {
  const lines = [
    `ID:              ${id}`,
    `Name:              ${name}`,
    ...(Object.keys(labels).length === 0 ? [] : ["Labels:", ...Object.entries(labels).map(([key, value]) => ` - ${key}=${value}`)]),
    `Driver:            ${driver}`,
    `Created at:        ${new GoTime(createdAt)}`,
    `Updated at:        ${new GoTime(updatedAt)}`,
  ];
  return `${lines.join("\n")}\n`;
}
