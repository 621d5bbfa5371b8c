import { readFile } from "node:fs/promises";

export const handler = async (): Promise<string> => readFile("package.json", "utf8");
