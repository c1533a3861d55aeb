import { readFileSync } from "node:fs";
import { ToolError } from "@containers/common/errors/tool-error";
import { httpRequest, type TlsOptions } from "@containers/common/http/fetch";
import { toYaml } from "@containers/common/report/yaml";
import { parse } from "yaml";
import { z } from "zod";
import { type KubeDocument, readKubeDocuments } from "./schema/documents.ts";
import { optional, text } from "./schema/fields.ts";

export interface ApplyOptions {
  /** Path of the kubeconfig file. */
  readonly kubeconfig: string;
  /** Default `default`. */
  readonly namespace?: string;
  /** Path of the cluster's authorities; `insecure` takes any certificate. Default: what the kubeconfig says. */
  readonly caCertFile?: string;
}

const PATHS: Readonly<Record<string, string>> = { Service: "services", PersistentVolumeClaim: "persistentvolumeclaims", Pod: "pods" };

const LARGEST_ANSWER = 16 * 1024 * 1024;

/**
 * Makes the pods, services and volume claims of a kube file in a cluster.
 * @throws ToolError invalid-argument for other kinds; unavailable with the cluster's words when it refuses
 */
export async function applyKube(file: string, options: ApplyOptions): Promise<void> {
  if (file === "") throw new ToolError("invalid-argument", "yaml file provided is empty, cannot apply to a cluster");
  const documents = readKubeDocuments(file);
  const { server, tls } = readKubeconfig(options);
  for (const document of documents) {
    const path = PATHS[document.kind];
    if (path === undefined) throw new ToolError("invalid-argument", `unsupported Kubernetes kind found: "${document.kind}"`);
    await createObject(`${server}/api/v1/namespaces/${encodeURIComponent(options.namespace || "default")}/${path}`, document, tls);
  }
}

async function createObject(url: string, { content }: KubeDocument, tls: TlsOptions): Promise<void> {
  const response = await httpRequest(url, {
    method: "POST",
    headers: { "content-type": "application/yaml" },
    body: toYaml(content),
    tls,
  });
  const answer = await response.text(LARGEST_ANSWER);
  if ([200, 201, 202].includes(response.status)) return;
  throw new ToolError("unavailable", answer === "" ? `${url}: the cluster answered ${response.status}` : answer, { exitCode: 125 });
}

const kubeconfigSchema = z.object({
  clusters: z.array(
    z.object({ cluster: z.object({ server: z.string(), "certificate-authority": text, "certificate-authority-data": text }) }),
  ),
  users: z.array(
    z.object({
      user: optional(
        z.object({ "client-certificate": text, "client-key": text, "client-certificate-data": text, "client-key-data": text }),
      ),
    }),
  ),
});

/** The first cluster and the first user of the file. */
function readKubeconfig({ kubeconfig, caCertFile = "" }: ApplyOptions): { readonly server: string; readonly tls: TlsOptions } {
  const parsed = kubeconfigSchema.safeParse(parse(readPem(kubeconfig)));
  const cluster = parsed.data?.clusters[0]?.cluster;
  if (cluster === undefined) throw new ToolError("invalid-argument", `${kubeconfig} names no cluster`);
  const user = parsed.data?.users[0]?.user;
  const cert = fileOrData(user?.["client-certificate"], user?.["client-certificate-data"]);
  const key = fileOrData(user?.["client-key"], user?.["client-key-data"]);
  const isInsecure = caCertFile.toLowerCase() === "insecure";
  const ca = isInsecure
    ? undefined
    : fileOrData(caCertFile || cluster["certificate-authority"], caCertFile === "" ? cluster["certificate-authority-data"] : undefined);
  return {
    server: cluster.server.replace(/\/$/, ""),
    tls: {
      ...(ca === undefined ? {} : { ca: [ca] }),
      ...(cert === undefined || key === undefined ? {} : { cert, key }),
      ...(isInsecure ? { verify: false } : {}),
    },
  };
}

function fileOrData(path: string | undefined, data: string | undefined): string | undefined {
  if (path !== undefined && path !== "") return readPem(path);
  return data === undefined || data === "" ? undefined : Buffer.from(data, "base64").toString();
}

function readPem(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    throw new ToolError("not-found", `open ${path}: no such file or directory`, { exitCode: 125 });
  }
}
