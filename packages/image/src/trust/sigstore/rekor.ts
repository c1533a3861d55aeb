import { createHash } from "node:crypto";
import { isErrorOfKind, ToolError } from "@containers/common/errors/tool-error";
import { askService, parseAnswer, type ServiceAnswer, type ServiceRequest } from "./service-request.ts";

/** A signature, and what it is checked with. */
export interface SignatureToLog {
  /** Public key or certificate in PEM. */
  readonly keyOrCertificate: string;
  readonly signature: Uint8Array;
  readonly payload: Uint8Array;
}

const RETRIES = 3;

/**
 * Puts a signature into Rekor's log, or finds it there.
 *
 * @returns the log's promise, as a signature's `bundle` annotation has it
 * @throws unavailable, denied or corrupt: what the log answered
 */
export async function logSignature(rekorUrl: string, logged: SignatureToLog): Promise<string> {
  const entries = `${rekorUrl}/api/v1/log/entries`;
  const answer = await patiently(entries, { json: entryFor(logged) });
  if (answer.status === 201) return promiseOf(answer);
  const uuid = answer.headers.get("location")?.split("/").at(-1) ?? "";
  if (answer.status === 409 && uuid !== "") {
    const there = await patiently(`${entries}/${encodeURIComponent(uuid)}`, {});
    if (there.status === 200) return promiseOf(there);
    throw failure(`Error re-loading previously-created log entry with UUID ${uuid}`, there);
  }
  throw failure("Error uploading a log entry", answer);
}

function entryFor({ keyOrCertificate, signature, payload }: SignatureToLog): object {
  const hash = { algorithm: "sha256", value: createHash("sha256").update(payload).digest("hex") };
  return {
    kind: "hashedrekord",
    apiVersion: "0.0.1",
    spec: { data: { hash }, signature: { content: base64(signature), publicKey: { content: base64(Buffer.from(keyOrCertificate)) } } },
  };
}

async function patiently(url: string, request: ServiceRequest): Promise<ServiceAnswer> {
  for (let attempt = 0; ; attempt++) {
    try {
      const answer = await askService(url, request);
      if (answer.status < 500 || attempt === RETRIES) return answer;
    } catch (error) {
      if (!isErrorOfKind(error, "unavailable") || attempt === RETRIES) throw error;
    }
    await Bun.sleep(250 << attempt);
  }
}

function promiseOf(answer: ServiceAnswer): string {
  const entries = Object.values(parseAnswer(answer, "Rekor"));
  if (entries.length !== 1) throw new ToolError("corrupt", `expected 1 Rekor entry, got ${entries.length}`);
  const entry = fields(entries[0]);
  const { body, integratedTime, logIndex, logID } = entry;
  const promise = fields(entry["verification"])["signedEntryTimestamp"];
  if (typeof body !== "string" || typeof promise !== "string" || [integratedTime, logIndex, logID].includes(undefined))
    throw new ToolError("corrupt", "invalid Rekor entry (missing data)");
  return JSON.stringify({ SignedEntryTimestamp: promise, Payload: { body, integratedTime, logIndex, logID } });
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function failure(doing: string, { status, text }: ServiceAnswer): ToolError {
  return new ToolError(status >= 500 ? "unavailable" : "denied", `${doing}: Rekor answered ${status}: ${text.trim()}`);
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}
