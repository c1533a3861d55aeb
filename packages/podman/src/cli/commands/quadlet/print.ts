import { readFileSync } from "node:fs";
import { defineCommand } from "@containers/common/cli/define-command";
import { callersScope, findQuadlet } from "../../../quadlet/installed.ts";

/** `podman quadlet print`. */
export const quadletPrintCommand = defineCommand({
  name: "print",
  aliases: ["cat"],
  summary: "Display the contents of a quadlet",
  description: "Prints the file of a quadlet.",
  usage: "QUADLET",
  examples: ["podman quadlet print myquadlet.container", "podman quadlet print mypod.pod", "podman quadlet print myimage.build"],
  flags: {},
  args: { min: 1, max: 1 },
  needsUserNamespace: false,
  run: ({ args, out }) => {
    out.stdout(
      readFileSync(
        findQuadlet(
          callersScope((text) => out.stderr(`${text}\n`)),
          args[0] ?? "",
        ),
      ),
    );
    return undefined;
  },
});
