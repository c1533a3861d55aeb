import { defineCommand, type Output } from "@containers/common/cli/define-command";
import { describeError, ToolError } from "@containers/common/errors/tool-error";
import type { Damages } from "@containers/storage/store";
import { checkSystem, isDamaged, type SystemCheckOptions, type SystemCheckReport } from "../../../system/check.ts";
import { onSide } from "../../on-side.ts";

/** `podman system check`. */
export const checkCommand = defineCommand({
  name: "check",
  summary: "Check storage consistency",
  description: "Checks the store for damage, and with --repair removes what is damaged.",
  examples: ["podman system check", "podman system check --quick", "podman system check --repair --force"],
  flags: {
    force: { type: "bool", short: "f", description: "Remove inconsistent images and containers" },
    max: { type: "duration", short: "m", default: 86_400_000, description: "Maximum allowed age of unreferenced layers (default 24h0m0s)" },
    quick: { type: "bool", short: "q", description: "Skip time-consuming checks. The default is to include time-consuming checks" },
    repair: { type: "bool", short: "r", description: "Remove inconsistent images" },
  },
  args: { max: 0 },
  run: async (invocation) => {
    const { flags, out } = invocation;
    const options = { quick: flags.quick, unreferencedAge: flags.max };
    const check = (asked: SystemCheckOptions): Promise<SystemCheckReport> =>
      onSide(invocation, {
        local: (engine) => checkSystem(engine, asked),
        remote: async (service) => (await import("../../../remote/system/check.ts")).checkSystem(service, asked),
      });
    const report = await check({ ...options, repair: flags.repair, force: flags.force });
    print(report, out);
    if (!flags.repair && !flags.force) {
      if (isDamaged(report.check)) throw new ToolError("corrupt", "damage detected in local storage");
      return undefined;
    }
    for (const error of report.errors) out.stderr(`Error: ${describeError(error)}\n`);
    const after = isDamaged(report.check) ? await check(options) : report;
    if (isDamaged(after.check)) throw new ToolError("corrupt", "damage in local storage still present after repair attempt");
    return undefined;
  },
});

function print({ check, salvaged = [], removedImages, removedContainers }: SystemCheckReport, out: Output): void {
  for (const sentence of salvaged) out.stdout(`${sentence}\n`);
  printDamages("layer", check.layers, out);
  printDamages("image", check.images, out);
  for (const id of removedImages) out.stdout(`Deleted damaged image: ${id}\n`);
  printDamages("container", check.containers, out);
  for (const id of removedContainers) out.stdout(`Deleted damaged container: ${id}\n`);
}

function printDamages(kind: string, damages: Damages, out: Output): void {
  for (const [id, messages] of Object.entries(damages)) {
    const count = messages.length === 1 ? "1 error" : `${messages.length} errors`;
    out.stdout(`Damaged ${kind} ${id}:\n${count} occurred:\n${messages.map((message) => `\t* ${message}\n`).join("")}\n`);
  }
}
