// Leaves only versions and hashes in the lock, so that it holds behind any mirror: the sponsors' addresses go.
import { readFileSync, writeFileSync } from "node:fs";

const lock = JSON.parse(readFileSync("package-lock.json", "utf8"));
for (const found of Object.values(lock.packages)) delete found.funding;
writeFileSync("package-lock.json", `${JSON.stringify(lock, null, 2)}\n`);
