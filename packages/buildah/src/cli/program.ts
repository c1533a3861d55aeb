import type { ProgramDefinition } from "@containers/common/cli/build-program";
import { completionGroup } from "@containers/common/cli/completion/completion-group";
import { BUILDAH_VERSION } from "../working-container/record.ts";
import { manifestGroup } from "./commands/manifest/group.ts";
import { sourceGroup } from "./commands/source/group.ts";
import { globalFlags } from "./flags/global.ts";

/** Commands that touch neither the store nor a container. */
const WITHOUT_STORE = new Set(["completion", "login", "logout", "source", "version", "help"]);

/** buildah's commands; each module is loaded when its command is called. */
export const buildahProgram: ProgramDefinition = {
  name: "buildah",
  version: `${BUILDAH_VERSION} (image-spec 1.1.1, runtime-spec 1.2.1)`,
  globalFlags,
  completion: async () => (await import("./completion-source.ts")).buildahCompletion,
  root: {
    name: "buildah",
    summary: "A tool that facilitates building OCI images",
    commands: {
      add: { summary: "Add content to the container", load: async () => (await import("./commands/add.ts")).addCommand },
      build: {
        summary: "Build an image using instructions in a Containerfile",
        aliases: ["build-using-dockerfile", "bud"],
        load: async () => (await import("./commands/build.ts")).buildCommand,
      },
      commit: {
        summary: "Create an image from a working container",
        load: async () => (await import("./commands/commit.ts")).commitCommand,
      },
      completion: { group: { ...completionGroup("buildah"), hidden: true } },
      config: { summary: "Update image configuration settings", load: async () => (await import("./commands/config.ts")).configCommand },
      containers: {
        summary: "List working containers and their base images",
        aliases: ["list", "ls", "ps"],
        load: async () => (await import("./commands/containers.ts")).containersCommand,
      },
      copy: { summary: "Copy content into the container", load: async () => (await import("./commands/copy.ts")).copyCommand },
      from: { summary: "Create a working container based on an image", load: async () => (await import("./commands/from.ts")).fromCommand },
      images: { summary: "List images in local storage", load: async () => (await import("./commands/images.ts")).imagesCommand },
      info: { summary: "Display Buildah system information", load: async () => (await import("./commands/info.ts")).infoCommand },
      inspect: {
        summary: "Inspect the configuration of a container or image",
        load: async () => (await import("./commands/inspect.ts")).inspectCommand,
      },
      login: { summary: "Login to a container registry", load: async () => (await import("./commands/login.ts")).loginCommand },
      logout: { summary: "Logout of a container registry", load: async () => (await import("./commands/logout.ts")).logoutCommand },
      manifest: { group: manifestGroup },
      mkcw: {
        summary: "Convert a conventional image to a confidential workload image",
        load: async () => (await import("./commands/mkcw.ts")).mkcwCommand,
      },
      mount: {
        summary: "Mount a working container's root filesystem",
        load: async () => (await import("./commands/mount.ts")).mountCommand,
      },
      prune: {
        summary: "Cleanup intermediate images as well as build and mount cache",
        load: async () => (await import("./commands/prune.ts")).pruneCommand,
      },
      pull: { summary: "Pull an image from the specified location", load: async () => (await import("./commands/pull.ts")).pullCommand },
      push: { summary: "Push an image to a specified destination", load: async () => (await import("./commands/push.ts")).pushCommand },
      rename: { summary: "Rename a container", load: async () => (await import("./commands/rename.ts")).renameCommand },
      rm: {
        summary: "Remove one or more working containers",
        aliases: ["delete"],
        load: async () => (await import("./commands/rm.ts")).rmCommand,
      },
      rmi: { summary: "Remove one or more images from local storage", load: async () => (await import("./commands/rmi.ts")).rmiCommand },
      run: { summary: "Run a command inside of the container", load: async () => (await import("./commands/run.ts")).runCommand },
      source: { group: sourceGroup },
      tag: { summary: "Add an additional name to a local image", load: async () => (await import("./commands/tag.ts")).tagCommand },
      umount: {
        summary: "Unmount the root file system of the specified working containers",
        aliases: ["unmount"],
        load: async () => (await import("./commands/umount.ts")).umountCommand,
      },
      unshare: {
        summary: "Run a command in a modified user namespace",
        load: async () => (await import("./commands/unshare.ts")).unshareCommand,
      },
      version: {
        summary: "Display the Buildah version information",
        load: async () => (await import("./commands/version.ts")).versionCommand,
      },
    },
  },
};

/** Whether the command line may touch the store, and so must run in the user namespace of an ordinary user. */
export function needsUserNamespace(argv: readonly string[]): boolean {
  if (argv.length === 0 || argv.some((word) => word === "--help" || word === "-h")) return false;
  if (argv[0] === "--version" || argv[0] === "-v") return false;
  const command = argv.find((word) => !word.startsWith("-"));
  return command !== undefined && !WITHOUT_STORE.has(command);
}
