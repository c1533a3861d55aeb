import { expect, it } from "vitest";
import { signalName, signalNumber } from "./signals.ts";

it("knows names in every form", () => {
  for (const text of ["SIGTERM", "TERM", "term", "sigterm", "15"]) expect(signalNumber(text)).toBe(15);
  expect(signalNumber("SIGRTMIN+3")).toBe(37);
  expect(signalNumber("RTMAX-1")).toBe(63);
  for (const text of ["0", "65", "SIGNOPE", "", "RTMIN+99"]) expect(signalNumber(text)).toBeUndefined();
});

it("names numbers", () => {
  expect(signalName(9)).toBe("SIGKILL");
  expect(signalName(37)).toBe("SIGRTMIN+3");
  expect(signalName(33)).toBe("33");
});
