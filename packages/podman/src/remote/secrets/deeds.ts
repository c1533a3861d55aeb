import { isErrorOfKind } from "@containers/common/errors/tool-error";
import type { TargetReport } from "../../containers/options.ts";
import type { SecretRecord } from "../../secrets/secret-store.ts";
import { deleteJson, exists, getJson, postJson, type Service, segment } from "../service.ts";
import { record, records, text, textMap, type Wire } from "../wire.ts";

export interface RemoteSecret {
  readonly name: string;
  readonly data: Uint8Array;
  readonly driver: string;
  readonly driverOptions: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly ignore: boolean;
  readonly replace: boolean;
}

/** Keeps a secret at the service and gives its id. */
export async function createSecret(service: Service, secret: RemoteSecret): Promise<string> {
  const answer = await postJson(service, "/secrets/create", {
    query: {
      name: secret.name,
      driver: secret.driver,
      driveropts: JSON.stringify(secret.driverOptions),
      labels: JSON.stringify(secret.labels),
      ignore: secret.ignore,
      replace: secret.replace,
    },
    body: secret.data,
  });
  return text(record(answer)["ID"]);
}

export async function listSecrets(service: Service, filters: Readonly<Record<string, readonly string[]>>): Promise<SecretRecord[]> {
  return records(await getJson(service, "/secrets/json", { filters: JSON.stringify(filters) })).map(secretRecord);
}

/** A secret, with its data where that was asked for. @throws ToolError not-found */
export async function findSecret(
  service: Service,
  reference: string,
  showData: boolean,
): Promise<{ readonly secret: SecretRecord; readonly data: string }> {
  const found = record(await getJson(service, `/secrets/${segment(reference)}/json`, { showsecret: showData }));
  return { secret: secretRecord(found), data: text(found["SecretData"]) };
}

export function secretExists(service: Service, reference: string): Promise<boolean> {
  return exists(service, `/secrets/${segment(reference)}/exists`);
}

/** Removes secrets, all of them without names. */
export async function removeSecrets(service: Service, references: readonly string[] | undefined, ignore: boolean): Promise<TargetReport[]> {
  const reports: TargetReport[] = [];
  for (const reference of references ?? (await listSecrets(service, {})).map(({ id }) => id)) {
    try {
      const { secret } = await findSecret(service, reference, false);
      await deleteJson(service, `/secrets/${segment(reference)}`);
      reports.push({ reference, id: secret.id, name: secret.name });
    } catch (error) {
      if (ignore && isErrorOfKind(error, "not-found")) continue;
      reports.push({ reference, error: error instanceof Error ? error : new Error(String(error)) });
    }
  }
  return reports;
}

function secretRecord(wire: Wire): SecretRecord {
  const spec = record(wire["Spec"]);
  const driver = record(spec["Driver"]);
  return {
    id: text(wire["ID"]),
    name: text(spec["Name"]),
    labels: textMap(spec["Labels"]),
    createdAt: text(wire["CreatedAt"]),
    updatedAt: text(wire["UpdatedAt"]),
    driver: text(driver["Name"]),
    driverOptions: textMap(driver["Options"]),
  };
}
