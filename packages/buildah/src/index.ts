/** The library's entry for other programs: `podman build` is made of these. */

export { runBuildCommand } from "./cli/build-options.ts";
export { buildFlags } from "./cli/flags/build.ts";
export { packContext, packTree } from "./context/pack-context.ts";
export type { BuildOptions, BuildPorts, BuildReport } from "./executor/build-options.ts";
export { buildImage } from "./executor/execute-build.ts";
export { enterChroot } from "./run/chroot-entry.ts";
export { sbomPreset } from "./sbom/options.ts";
export { openWorkingContainer } from "./working-container/open.ts";
