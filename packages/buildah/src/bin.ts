import { main } from "./main.ts";

if (import.meta.main) process.exit(await main(process.argv.slice(2)));
