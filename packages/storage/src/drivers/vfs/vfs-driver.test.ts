import { describe } from "vitest";
import { isRoot } from "../../testing/temp-store.ts";
import { driverConformance } from "../conformance.ts";

describe.skipIf(!isRoot)("vfs (needs root: files of other owners)", () => driverConformance("vfs"));
