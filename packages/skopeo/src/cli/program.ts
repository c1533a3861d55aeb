import type { ProgramDefinition } from "@containers/common/cli/build-program";
import { completionGroup } from "@containers/common/cli/completion/completion-group";
import { globalFlags } from "./flags/global.ts";

/** The version of the original whose command line this is. */
export const skopeoVersion = "1.22.0";

/** skopeo's commands; each module is loaded when its command is called. */
export const skopeoProgram: ProgramDefinition = {
  name: "skopeo",
  version: skopeoVersion,
  globalFlags,
  completion: async () => (await import("./completion-source.ts")).skopeoCompletion,
  root: {
    name: "skopeo",
    summary: "Various operations with container images and container image registries",
    commands: {
      completion: { group: completionGroup("skopeo") },
      copy: {
        summary: "Copy an IMAGE-NAME from one location to another",
        load: async () => (await import("./commands/copy.ts")).copyCommand,
      },
      delete: { summary: "Delete image IMAGE-NAME", load: async () => (await import("./commands/delete.ts")).deleteCommand },
      "experimental-image-proxy": {
        summary: "Interactive proxy for fetching container images (EXPERIMENTAL)",
        hidden: true,
        load: async () => (await import("./commands/experimental-image-proxy.ts")).experimentalImageProxyCommand,
      },
      "generate-sigstore-key": {
        summary: "Generate a sigstore public/private key pair",
        load: async () => (await import("./commands/generate-sigstore-key.ts")).generateSigstoreKeyCommand,
      },
      inspect: { summary: "Inspect image IMAGE-NAME", load: async () => (await import("./commands/inspect.ts")).inspectCommand },
      layers: {
        summary: "Get layers of IMAGE-NAME",
        hidden: true,
        load: async () => (await import("./commands/layers.ts")).layersCommand,
      },
      "list-tags": {
        summary: "List tags in the transport/repository specified by the SOURCE-IMAGE",
        load: async () => (await import("./commands/list-tags.ts")).listTagsCommand,
      },
      login: { summary: "Login to a container registry", load: async () => (await import("./commands/login.ts")).loginCommand },
      logout: { summary: "Logout of a container registry", load: async () => (await import("./commands/logout.ts")).logoutCommand },
      "manifest-digest": {
        summary: "Compute a manifest digest of a file",
        load: async () => (await import("./commands/manifest-digest.ts")).manifestDigestCommand,
      },
      "standalone-sign": {
        summary: "Create a signature using local files",
        load: async () => (await import("./commands/standalone-sign.ts")).standaloneSignCommand,
      },
      "standalone-verify": {
        summary: "Verify a signature using local files",
        load: async () => (await import("./commands/standalone-verify.ts")).standaloneVerifyCommand,
      },
      sync: {
        summary: "Synchronize one or more images from one location to another",
        load: async () => (await import("./commands/sync.ts")).syncCommand,
      },
      "untrusted-signature-dump-without-verification": {
        summary: "Dump contents of a signature WITHOUT VERIFYING IT",
        hidden: true,
        load: async () => (await import("./commands/untrusted-signature-dump.ts")).untrustedSignatureDumpCommand,
      },
    },
  },
};
