import { expect } from "vitest";
import type { ApiService } from "./api-service.ts";

/** A request, and what its answer has to be: a text whole, of an object at least these parts. */
export type ApiRow = readonly [method: string, path: string, body: unknown, status: number, answer?: unknown];

/** Sends the requests one after the other; `prefix` stands before every path. */
export async function expectRows(api: ApiService, table: readonly ApiRow[], prefix = ""): Promise<void> {
  for (const [method, path, body, status, answer] of table) {
    const got = await api.request(method, prefix + path, body);
    const request = `${method} ${path}`;
    // The text says why, where another status came.
    expect({ request, status: got.status, text: status === got.status ? "" : got.text }).toEqual({ request, status, text: "" });
    if (typeof answer === "string") expect(got.text, request).toBe(answer);
    else if (answer !== undefined) expect(got.json, request).toMatchObject(answer as object);
  }
}
