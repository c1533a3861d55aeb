import { defineCommand } from "@containers/common/cli/define-command";
import { wrapError } from "@containers/common/errors/tool-error";
import { goJson } from "@containers/image/manifest/go-json";
import { inspectList } from "@containers/image/manifest-lists/inspect";
import { onImages, registryAccess, registryFlags } from "../image/with-images.ts";

/** `podman manifest inspect`. */
export const manifestInspectCommand = defineCommand({
  name: "inspect",
  summary: "Display the contents of a manifest list or image index",
  description: "Display the contents of a manifest list or image index.",
  usage: "IMAGE",
  examples: ["podman manifest inspect localhost/list"],
  flags: {
    authfile: registryFlags.authfile,
    "tls-verify": registryFlags["tls-verify"],
    verbose: { type: "bool", short: "v", hidden: true, description: "Added for Docker compatibility" },
    insecure: { type: "bool", hidden: true, description: "Purely for Docker compatibility" },
  },
  args: { min: 1, max: 1 },
  run: async (invocation) => {
    const { flags, given, args, out } = invocation;
    const [name = ""] = args;
    const tlsVerify = !given("tls-verify") && given("insecure") ? { tlsVerify: !flags.insecure } : {};
    const list = await onImages<unknown, unknown>(invocation, {
      local: ({ images }) =>
        inspectList({ store: images.store, registry: { ...images.registry, ...tlsVerify }, signal: images.signal }, name),
      remote: async (service) =>
        (await import("../../../remote/manifests/deeds.ts"))
          .inspectList(service, name, { ...registryAccess(invocation), ...tlsVerify })
          .catch((error: unknown) => {
            throw wrapError(`getting content of manifest list or image ${name}`, error);
          }),
    });
    out.stdout(`${goJson(list, 4)}\n`);
    return undefined;
  },
});
