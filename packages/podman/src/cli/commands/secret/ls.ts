import { defineCommand } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { formatRows } from "@containers/common/report/format";
import { toJson } from "@containers/common/report/json";
import { isJsonFormat } from "@containers/common/report/json-format";
import { renderTable } from "@containers/common/report/table";
import { humanAgo } from "@containers/common/report/units";
import { openSecretStore, type SecretRecord } from "../../../secrets/secret-store.ts";
import { onSide } from "../../on-side.ts";
import { parseFilters } from "../container/targets.ts";

/** `podman secret ls`. */
export const secretLsCommand = defineCommand({
  name: "ls",
  aliases: ["list"],
  summary: "List secrets",
  description: "Lists all secrets, never their data.",
  examples: ["podman secret ls", 'podman secret ls --format "{{.Name}}"', "podman secret ls --filter name=confidential"],
  flags: {
    filter: { type: "stringArray", short: "f", description: "Only secrets that fit (id=, name=)" },
    format: { type: "string", description: "Print as JSON or through a Go template" },
    noheading: { type: "bool", short: "n", description: "Leave the headings out" },
    quiet: { type: "bool", short: "q", description: "Print ids only" },
  },
  args: { max: 0 },
  run: async (invocation) => {
    const { flags, given, out } = invocation;
    const filters = parseFilters(flags.filter);
    const fits = secretFilter(filters);
    const secrets = await onSide(invocation, {
      local: (engine) => openSecretStore(engine.paths.secretsDir).list().filter(fits),
      remote: async (service) => (await import("../../../remote/secrets/deeds.ts")).listSecrets(service, filters),
    });
    const format = flags.format ?? "";
    const rows = secrets.map(row);
    if (flags.quiet && !given("format")) out.stdout(secrets.map(({ id }) => `${id}\n`).join(""));
    else if (isJsonFormat(format)) out.stdout(`${toJson(rows)}\n`);
    else if (given("format")) {
      const options = { headers: { CreatedAt: "CREATED", UpdatedAt: "UPDATED" }, noHeading: flags.noheading };
      out.stdout(formatRows(format, rows, { ...options, name: "ls", typeName: "*types.SecretListReport" }));
    } else {
      out.stdout(
        renderTable(
          flags.noheading ? undefined : ["ID", "NAME", "DRIVER", "CREATED", "UPDATED"],
          rows.map(({ ID, Name, Driver, CreatedAt, UpdatedAt }) => [ID, Name, Driver, CreatedAt, UpdatedAt]),
        ),
      );
    }
    return undefined;
  },
});

function row({ id, name, driver, createdAt, updatedAt }: SecretRecord) {
  return { ID: id, Name: name, Driver: driver, CreatedAt: humanAgo(new Date(createdAt)), UpdatedAt: humanAgo(new Date(updatedAt)) };
}

/** Names are regular expressions, ids beginnings; values of one key are alternatives. */
function secretFilter(filters: Readonly<Record<string, readonly string[]>>): (secret: SecretRecord) => boolean {
  const unknown = Object.keys(filters).find((key) => key !== "name" && key !== "id");
  if (unknown !== undefined) throw new ToolError("invalid-argument", `invalid filter ${JSON.stringify(unknown)}`);
  return ({ id, name }) =>
    (filters.id ?? [id]).some((value) => id.startsWith(value)) &&
    (filters.name === undefined || filters.name.some((value) => new RegExp(value).test(name)));
}
