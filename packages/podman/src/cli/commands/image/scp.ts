import { defineCommand } from "@containers/common/cli/define-command";
import { loadContainersConf } from "@containers/common/config/containers-conf";
import { openDiagnostics } from "../../../engine/diagnostics.ts";
import { isRemote } from "../../on-side.ts";
import { placeFlags } from "../../place-flags.ts";

/** `podman image scp`. */
export const imageScpCommand = defineCommand({
  name: "scp",
  summary: "Securely copy images",
  description: `Copies an image from one host to another by ssh, or from one user of this machine to another (USER@localhost::). A host is the name of a
connection (podman system connection) or [USER@]HOST[:PORT].`,
  usage: "IMAGE [HOST::]",
  examples: [
    "podman image scp myimage:latest otherhost::",
    "podman image scp otherhost::myimage",
    "podman image scp root@localhost::myimage alice@localhost::",
  ],
  flags: { quiet: { type: "bool", short: "q", description: "Suppress the output" } },
  args: { min: 1, max: 2 },
  needsUserNamespace: false,
  run: async (invocation) => {
    const { flags, args, globals, out } = invocation;
    const [source = "", destination] = args;
    const { parseTransfer } = await import("../../../images/scp/location.ts");
    const transfer = parseTransfer(source, destination);
    if (isRemote(invocation)) {
      const { openService } = await import("../../../remote/open-service.ts");
      const { copyImage } = await import("../../../remote/images/scp.ts");
      const service = await openService(invocation);
      try {
        out.stdout(`Loaded image: ${await copyImage(service, source, { destination, quiet: flags.quiet })}\n`);
      } finally {
        service.close();
      }
      return undefined;
    }
    const { transferImage } = await import("../../../images/scp/transfer.ts");
    const logLevel = globals["logLevel"];
    const { warn } = openDiagnostics(typeof logLevel === "string" ? { logLevel } : {});
    const context = { config: loadContainersConf(), globals: placeFlags(globals), warn };
    out.stdout(await transferImage(transfer, context, { quiet: flags.quiet }));
    return undefined;
  },
});
