import { managerSocket } from "@containers/common/cgroups/systemd-manager";
import { openUnitManager } from "@containers/common/cgroups/systemd-units";
import { defineCommand, type FlagValues, type Invocation } from "@containers/common/cli/define-command";
import { describeError, ToolError, wrapError } from "@containers/common/errors/tool-error";
import { formatRows } from "@containers/common/report/format";
import { toJson } from "@containers/common/report/json";
import type { LocalImages } from "@containers/image/local-images/local-images";
import { applyUpdates, type UpdateReport } from "../../auto-update/apply.ts";
import { planUpdates, type UpdateTask } from "../../auto-update/plan.ts";
import { withImages } from "./image/with-images.ts";

const flags = {
  authfile: { type: "string", description: "Path to the authentication file. Use REGISTRY_AUTH_FILE environment variable to override" },
  "dry-run": { type: "bool", description: "Only say what there is to update" },
  format: { type: "string", description: "Print as JSON or through a Go template" },
  rollback: { type: "bool", default: true, description: "Go back to the image of before when the new one fails" },
  "tls-verify": { type: "bool", default: true, description: "Require HTTPS and verify certificates when contacting registries" },
} as const;

type UpdateInvocation = Invocation<FlagValues<typeof flags>>;

const headers = { Unit: "UNIT", Container: "CONTAINER", Image: "IMAGE", Policy: "POLICY", Updated: "UPDATED" };

/** `podman auto-update`. */
export const autoUpdateCommand = defineCommand({
  name: "auto-update",
  summary: "Auto update containers according to their auto-update policy",
  description: `Looks for newer images for containers that run in units of systemd's and have the label io.containers.autoupdate, and restarts those units.

  The units have to make their containers anew when they start, as quadlets and podman generate systemd --new do.`,
  examples: ["podman auto-update", "podman auto-update --authfile ~/authfile.json"],
  flags,
  args: { min: 0 },
  run: (invocation) => update(invocation),
});

async function update(invocation: UpdateInvocation): Promise<number | undefined> {
  const { flags: values, args, out } = invocation;
  if (args.length > 0) throw new ToolError("invalid-argument", `\`${invocation.commandPath}\` takes no arguments`);
  return withImages(invocation, async ({ engine, images }) => {
    const plan = planUpdates(engine);
    if (plan.units.size === 0) return fail(plan.errors, out);
    const units = openUnits(engine.rootless, engine.sys);
    try {
      engine.events.write({ type: "system", status: "auto-update", id: "", name: "" });
      const { reports, errors } = await applyUpdates(plan.units, {
        dryRun: values.dryRun,
        rollback: values.rollback,
        imagesFor: (task) => imagesWithAuth(images, task),
        units,
      });
      print(reports, invocation);
      return fail([...plan.errors, ...errors], out);
    } finally {
      units.close();
    }
  });
}

function openUnits(rootless: boolean, sys: Parameters<typeof openUnitManager>[0]): ReturnType<typeof openUnitManager> {
  try {
    return openUnitManager(sys, managerSocket(rootless, process.env["XDG_RUNTIME_DIR"]));
  } catch (error) {
    throw wrapError("connecting to systemd dbus", error);
  }
}

function imagesWithAuth(images: LocalImages, { authFile }: UpdateTask): LocalImages {
  return authFile === undefined ? images : { ...images, registry: { ...images.registry, authFile } };
}

function print(reports: readonly UpdateReport[], { flags: { format = "" }, out }: UpdateInvocation): void {
  const rows = reports.map(({ task: { container, unit, policy }, status }) => ({
    Unit: unit,
    Container: `${container.id.slice(0, 12)} (${container.name})`,
    ContainerName: container.name,
    ContainerID: container.id,
    Image: container.rawImageName,
    Policy: policy,
    Updated: status,
  }));
  if (format === "json") out.stdout(`${toJson(rows, { indent: 4 })}\n`);
  else
    out.stdout(
      formatRows(format === "" ? DEFAULT_FORMAT : format, rows, {
        headers: { ...headers, ContainerName: "CONTAINER NAME", ContainerID: "CONTAINER ID" },
        name: "auto-update",
      }),
    );
}

const DEFAULT_FORMAT = "table \t{{.Unit}}\t{{.Container}}\t{{.Image}}\t{{.Policy}}\t{{.Updated}}";

function fail(errors: readonly Error[], out: UpdateInvocation["out"]): number {
  if (errors.length === 0) return 0;
  const [first, ...more] = errors;
  if (more.length === 0 && first !== undefined) throw first;
  out.stderr(`Error: ${errors.length} errors occurred:\n${errors.map((error) => `\t* ${describeError(error)}\n`).join("")}\n`);
  return 125;
}
