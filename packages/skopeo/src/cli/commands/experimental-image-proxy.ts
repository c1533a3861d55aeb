import { defineCommand } from "@containers/common/cli/define-command";
import { linuxSys } from "@containers/common/sys/linux";
import { serveImageProxy } from "../../proxy/serve.ts";
import { trustPolicy } from "../flags/copy.ts";
import { imageContext, imageFlags } from "../flags/image.ts";
import { withCommand } from "../with-command.ts";

/** `skopeo experimental-image-proxy`. */
export const experimentalImageProxyCommand = defineCommand({
  name: "experimental-image-proxy",
  summary: "Interactive proxy for fetching container images (EXPERIMENTAL)",
  description:
    "Answers requests for manifests, configurations and blobs on a socket that the caller has opened. For programs such as ostree and bootc.",
  examples: ["skopeo experimental-image-proxy --sockfd 3"],
  flags: { ...imageFlags, sockfd: { type: "int", default: 0, description: "Serve on opened socket pair (default 0/stdin)" } },
  hidden: true,
  needsUserNamespace: false,
  run: (invocation) =>
    withCommand(invocation, (command) =>
      serveImageProxy(invocation.flags.sockfd, {
        sys: linuxSys(),
        context: imageContext(command, "", command.signal),
        policy: () => trustPolicy(command.globals),
        signal: command.signal,
      }),
    ),
});
