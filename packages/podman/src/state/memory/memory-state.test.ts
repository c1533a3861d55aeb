import { describeState } from "../conformance.ts";
import { memoryState } from "./memory-state.ts";

describeState("memory state", memoryState);
