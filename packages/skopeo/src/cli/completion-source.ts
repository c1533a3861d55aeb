import type { CompletionSource } from "@containers/common/cli/completion/completion-source";
import { transportNames } from "@containers/image/transports/register";

/** skopeo's arguments start with a transport; what lies behind it, only registries and directories know. */
export const skopeoCompletion: CompletionSource = {
  names: async (kind) => (kind === "transport" || kind === "image" ? transportNames().map((name) => ({ value: `${name}:` })) : []),
};
