import { ToolError } from "@containers/common/errors/tool-error";
import { expect, it } from "vitest";
import { retriesFor, withRetries } from "./retry.ts";

function failing(error: Error) {
  let calls = 0;
  const deed = (): Promise<never> => {
    calls += 1;
    return Promise.reject(error);
  };
  return { deed, calls: () => calls };
}

it("a registry that cannot be reached is tried again, and each time is told", async () => {
  const warnings: string[] = [];
  const { deed, calls } = failing(new ToolError("unavailable", "connection refused", { code: "connection-refused" }));
  await expect(withRetries(deed, { retries: 2, retryDelay: 1, warn: (line) => void warnings.push(line) })).rejects.toThrow("refused");
  expect(calls()).toBe(3);
  expect(warnings[0]).toBe("Failed, retrying in 1ms ... (1/2). Error: connection refused");
});

it("what the caller says of attempts goes before what the images' owner says", () => {
  expect(retriesFor({ retryDelay: 1000 }, { retries: 3 })).toMatchObject({ retries: 3, retryDelay: 1000 });
  expect(retriesFor({ retryDelay: 1000 }, { retries: 3, retryDelay: 5 })).toMatchObject({ retryDelay: 5 });
  expect(retriesFor({}, { retries: 3 }).retryDelay).toBeUndefined();
});

it.each([
  new ToolError("unavailable", "x509", { code: "tls" }),
  new ToolError("unavailable", "stopped after 10 redirects", { code: "redirect" }),
  new ToolError("not-found", "no such image"),
])("what time does not heal is not tried again: %s", async (error) => {
  const { deed, calls } = failing(error);
  await expect(withRetries(deed, { retries: 2, retryDelay: 1 })).rejects.toThrow();
  expect(calls()).toBe(1);
});
