/** What a worker runs when the program runs from its sources; in the compiled executable the entry does this. */
import { serveGzipBlocks } from "./gzip-worker.ts";

serveGzipBlocks();
