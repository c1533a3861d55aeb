import { defineCommand } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { addConnection } from "../../../remote/destinations.ts";

const compatible = "Accepted for docker's sake; has no effect";

/** `podman context create`. */
export const contextCreateCommand = defineCommand({
  name: "create",
  summary: "Record destination for the Podman service",
  description: "Gives a service a name; where it is follows --docker.",
  usage: "NAME",
  examples: ["podman context create --docker host=unix:///run/podman/podman.sock local"],
  flags: {
    "default-stack-orchestrator": { type: "string", description: compatible },
    description: { type: "string", description: compatible },
    docker: { type: "string", default: "", description: "Where the service is: host=URL" },
    from: { type: "string", description: compatible },
    kubernetes: { type: "string", description: compatible },
  },
  args: { min: 1, max: 1 },
  needsUserNamespace: false,
  run: ({ flags, args }) => {
    const place = placeOf(flags.docker);
    addConnection(args[0] ?? "", { URI: /^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(place) ? place : `ssh://${place}` }, { isDefault: false });
    return undefined;
  },
});

/** The URL out of docker's `host=URL,ca=FILE…`. @throws ToolError invalid-argument */
function placeOf(docker: string): string {
  const equals = docker.indexOf("=");
  if (equals < 0) return docker;
  if (docker.slice(0, equals) !== "host") throw new ToolError("invalid-argument", `"host" is required for --docker option`);
  const [host = "", ...others] = docker.slice(equals + 1).split(",");
  if (others.length > 0)
    throw new ToolError(
      "invalid-argument",
      `--docker additional options [${others.map((one) => JSON.stringify(one)).join(" ")}] not supported`,
    );
  return host;
}
