import { basename } from "node:path";
import { defineCommand } from "@containers/common/cli/define-command";
import { describeError, ToolError } from "@containers/common/errors/tool-error";
import { installQuadlets } from "../../../quadlet/install.ts";
import { callersScope } from "../../../quadlet/installed.ts";

const LARGEST_FILE = 8 << 20;

/** `podman quadlet install`. */
export const quadletInstallCommand = defineCommand({
  name: "install",
  summary: "Install a quadlet file or quadlet application",
  description:
    "Puts quadlets, local files or from web addresses, where systemd's generator finds them. A directory is one application, as are files named together.",
  usage: "QUADLET-PATH-OR-URL [FILES-PATH-OR-URL...]",
  examples: ["podman quadlet install /path/to/myquadlet.container", "podman quadlet install https://example.com/web.container"],
  flags: {
    "reload-systemd": { type: "bool", default: true, description: "Have systemd read its units again" },
    replace: { type: "bool", short: "r", description: "Replace quadlets that are there already" },
  },
  args: { min: 1, missing: "must provide at least one argument" },
  needsUserNamespace: false,
  run: async ({ flags, args, out }) => {
    const reports = await installQuadlets(
      callersScope((text) => out.stderr(`${text}\n`)),
      args,
      { replace: flags.replace, reload: flags.reloadSystemd, download },
    );
    for (const { path } of reports) if (path !== undefined) out.stdout(`${path}\n`);
    const failed = reports.filter(({ error }) => error !== undefined);
    for (const { reference, error } of failed)
      out.stderr(`Error: quadlet ${JSON.stringify(reference)} failed to install: ${describeError(error)}\n`);
    if (failed.length > 0) out.stderr("Error: errors occurred installing some Quadlets\n");
    return failed.length > 0 ? 125 : 0;
  },
});

async function download(url: string): Promise<{ name: string; text: string }> {
  const { httpRequest } = await import("@containers/common/http/fetch");
  const response = await httpRequest(url, { redirect: "follow", timeoutMs: 60_000 });
  if (response.status !== 200) throw new ToolError("unavailable", `unable to download URL ${url}: the server answers ${response.status}`);
  const named = /filename="?([^";]+)"?/.exec(response.headers.get("content-disposition") ?? "")?.[1];
  return { name: basename(named ?? new URL(url).pathname), text: await response.text(LARGEST_FILE) };
}
