import { type DiskUsage, summarizeUsage } from "../../system/df.ts";
import type { versionInfo } from "../../system/version.ts";
import { getJson, type Service } from "../service.ts";
import { number, record, records, text, type Wire } from "../wire.ts";

type SystemInfo = Awaited<ReturnType<typeof import("../../system/info.ts").systemInfo>>;
type VersionInfo = ReturnType<typeof versionInfo>;

/** What `podman info` says of the service's machine, as it said it: an original's answer has the same keys. */
export async function systemInfo(service: Service): Promise<SystemInfo> {
  const info = (await getJson(service, "/info")) as SystemInfo;
  return { ...info, host: { ...info.host, serviceIsRemote: true } };
}

/** The service's version, in the form of the client's own. */
export async function serviceVersion(service: Service): Promise<VersionInfo> {
  const answer = record(await getJson(service, "/version"));
  const engine = records(answer["Components"]).find((component) => text(component["Name"]) === "Podman Engine") ?? {};
  const details = record((engine as Wire)["Details"]);
  const parsed = Date.parse(text(details["BuildTime"]) || text(answer["BuildTime"]));
  // Not every program knows when it was built.
  const built = parsed > 0 ? parsed : Number.NaN;
  return {
    APIVersion: text(details["APIVersion"]) || service.version,
    Version: text(answer["Version"]),
    GoVersion: text(answer["GoVersion"]),
    GitCommit: text(answer["GitCommit"]),
    BuiltTime: Number.isNaN(built)
      ? ""
      : new Date(built).toUTCString().replace(/^(\w+), (\d+) (\w+) (\d+) ([\d:]+) GMT$/, "$1 $3 $2 $5 $4"),
    Built: Number.isNaN(built) ? 0 : Math.floor(built / 1000),
    BuildOrigin: "",
    OsArch: `${text(answer["Os"])}/${text(answer["Arch"])}`,
    Os: text(answer["Os"]),
  };
}

/** Each image, container and volume, for `system df -v`. */
export async function diskUsageDetails(service: Service) {
  const answer = record(await getJson(service, "/system/df"));
  return {
    ImagesSize: number(answer["ImagesSize"]),
    Images: records(answer["Images"]).map((image) => ({
      Repository: text(image["Repository"]),
      Tag: text(image["Tag"]),
      ImageID: text(image["ImageID"]),
      Created: text(image["Created"]),
      Size: number(image["Size"]),
      SharedSize: number(image["SharedSize"]),
      UniqueSize: number(image["UniqueSize"]),
      Containers: number(image["Containers"]),
    })),
    Containers: records(answer["Containers"]).map((container) => ({
      ContainerID: text(container["ContainerID"]),
      Image: text(container["Image"]),
      Command: Array.isArray(container["Command"]) ? container["Command"].map(String) : [],
      LocalVolumes: number(container["LocalVolumes"]),
      Size: number(container["Size"]),
      RWSize: number(container["RWSize"]),
      Created: text(container["Created"]),
      Status: text(container["Status"]),
      Names: text(container["Names"]),
    })),
    Volumes: records(answer["Volumes"]).map((volume) => ({
      VolumeName: text(volume["VolumeName"]),
      Links: number(volume["Links"]),
      Size: number(volume["Size"]),
      ReclaimableSize: number(volume["ReclaimableSize"]),
    })),
  };
}

/** The three lines of `system df`. */
export async function diskUsage(service: Service): Promise<DiskUsage[]> {
  return summarizeUsage(await diskUsageDetails(service));
}
