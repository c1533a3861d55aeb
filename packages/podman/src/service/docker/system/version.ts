import { release } from "node:os";
import { systemInfo } from "../../../system/info.ts";
import { versionInfo } from "../../../system/version.ts";
import { json } from "../../reply.ts";
import type { Handler } from "../../route.ts";
import { DOCKER_API_VERSION, DOCKER_MIN_API_VERSION } from "../../server.ts";

/** The oldest version of libpod's API that is understood. */
const LIBPOD_MIN_API_VERSION = "4.0.0";

/** `GET /version`. */
export const version: Handler = async ({ engine }) => {
  const own = versionInfo();
  const { host } = await systemInfo(engine);
  const buildTime = new Date(own.Built * 1000).toISOString().replace(".000", "");
  const arch = own.OsArch.slice(own.OsArch.indexOf("/") + 1);
  const { conmon, ociRuntime, distribution } = host;
  return json(200, {
    Platform: { Name: `${own.OsArch}/${distribution.distribution}-${distribution.version}` },
    Components: [
      {
        Name: "Podman Engine",
        Version: own.Version,
        Details: {
          APIVersion: own.APIVersion,
          Arch: arch,
          BuildTime: buildTime,
          Experimental: "false",
          GitCommit: own.GitCommit,
          GoVersion: own.GoVersion,
          KernelVersion: release(),
          MinAPIVersion: LIBPOD_MIN_API_VERSION,
          Os: own.Os,
        },
      },
      { Name: "Conmon", Version: conmon.version, Details: { Package: conmon.package } },
      { Name: `OCI Runtime (${ociRuntime.name})`, Version: ociRuntime.version, Details: { Package: ociRuntime.package } },
    ],
    Version: own.Version,
    ApiVersion: DOCKER_API_VERSION,
    MinAPIVersion: DOCKER_MIN_API_VERSION,
    GitCommit: own.GitCommit,
    GoVersion: own.GoVersion,
    Os: own.Os,
    Arch: arch,
    KernelVersion: release(),
    BuildTime: buildTime,
  });
};
