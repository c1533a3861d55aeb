/** The release of podman whose interface this is: scripts and the API's clients compare it. */
export const podmanVersion = "5.8.6";

/** The release of buildah that builds images here. */
export const BUILDAH_VERSION = "1.43.2";

/** What `podman version` and `podman info` say, with the original's keys. */
export function versionInfo() {
  return {
    APIVersion: podmanVersion,
    Version: podmanVersion,
    GoVersion: `bun${Bun.version}`,
    GitCommit: "",
    BuiltTime: "",
    Built: 0,
    BuildOrigin: "",
    OsArch: `linux/${machineArchitecture()}`,
    Os: "linux",
  };
}

/** The architecture as images name it. */
export function machineArchitecture(): string {
  const names: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64", ia32: "386", arm: "arm" };
  return names[process.arch] ?? process.arch;
}
