import { defineCommand } from "@containers/common/cli/define-command";
import { systemInfo } from "../../system/info.ts";
import { onSide } from "../on-side.ts";

/** `podman buildx inspect`, in the form of docker's, which scripts read. */
export const buildxInspectCommand = defineCommand({
  name: "inspect",
  summary: "Inspects build capabilities",
  description: "Prints what images can be built for, in the form of docker's buildx inspect. There is one builder.",
  examples: ["podman buildx inspect", "podman buildx inspect --bootstrap"],
  flags: { bootstrap: { type: "bool", description: "Accepted for docker's sake: the builder need not be started" } },
  run: async (invocation) => {
    const { host } = await onSide(invocation, {
      local: systemInfo,
      remote: async (service) => (await import("../../remote/system/facts.ts")).systemInfo(service),
    });
    const platforms = [`${host.os}/${host.arch}`, ...(host.emulatedArchitectures ?? [])];
    invocation.out.stdout(
      [
        "Name:   default",
        "Driver: podman",
        "",
        "Nodes:",
        "Name:             default",
        "Endpoint:         default",
        "Status:           running",
        "Buildkit version: N/A",
        `Platforms:        ${platforms.join(", ")}`,
        "Labels: ",
        "",
      ].join("\n"),
    );
    return undefined;
  },
});
