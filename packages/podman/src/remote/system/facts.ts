import type { DiskUsage } from "../../system/df.ts";
import type { versionInfo } from "../../system/version.ts";
import { getJson, type Service } from "../service.ts";
import { number, record, records, text, type Wire } from "../wire.ts";

type SystemInfo = Awaited<ReturnType<typeof import("../../system/info.ts").systemInfo>>;
type VersionInfo = ReturnType<typeof versionInfo>;

/** What `podman info` says of the service's machine, as it said it: an original's answer has the same keys. */
export async function systemInfo(service: Service): Promise<SystemInfo> {
  return (await getJson(service, "/info")) as SystemInfo;
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
  const answer = record(await getJson(service, "/system/df"));
  const images = records(answer["Images"]);
  const containers = records(answer["Containers"]);
  const volumes = records(answer["Volumes"]);
  const sum = (items: readonly Wire[], key: string): number => items.reduce((total, item) => total + number(item[key]), 0);
  const unused = images.filter((image) => number(image["Containers"]) === 0);
  const running = containers.filter((container) => text(container["Status"]) === "running");
  return [
    {
      type: "Images",
      total: images.length,
      active: images.length - unused.length,
      size: number(answer["ImagesSize"]),
      reclaimable: sum(unused, "UniqueSize"),
    },
    {
      type: "Containers",
      total: containers.length,
      active: running.length,
      size: sum(containers, "RWSize"),
      reclaimable: sum(containers, "RWSize") - sum(running, "RWSize"),
    },
    {
      type: "Local Volumes",
      total: volumes.length,
      active: volumes.filter((volume) => number(volume["Links"]) > 0).length,
      size: sum(volumes, "Size"),
      reclaimable: sum(volumes, "ReclaimableSize"),
    },
  ];
}
